package dev.darter.peer.choice;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Who of those that take first copies is so much slower than the others that what it takes comes late to all of them.
 *
 * <p>Of a first copy everybody else hears from whoever got it. Behind a link of a twentieth of the others' rate it would be there when they have
 * everything else, and would leave over the same link. The slow one needs no first copies: others have links with room, and give it what they
 * got. So it is passed over as long as others take. Now and then it gets one all the same, since links recover.
 *
 * <p>Times are readings of a monotonic clock that the caller passes in. For one thread at a time.
 */
final class Takers {
    /** Times as long as half of the others. Those that share a link alike differ by less than two. */
    private static final int SLOW = 4;

    /** Whoever has not taken for so long does not count. */
    private static final long TAKES = Duration.ofSeconds(2).toNanos();

    private static final long AGAIN = Duration.ofSeconds(3).toNanos();

    /** The first ones are slow for everybody, and how a link is shared at one moment says little. */
    private static final int ENOUGH = 4;

    /** Weight of the latest one. */
    private static final double WEIGHT = 0.25;

    /** Those that have gone are forgotten when there are so many. */
    private static final int MANY = 256;

    private record Pace(int times, double nanos, long at) {
        Pace and(Pace last) {
            double weight = Math.max(WEIGHT, 1.0 / (times + 1));
            return new Pace(times + 1, nanos + weight * (last.nanos - nanos), last.at);
        }
    }

    private final Map<String, Pace> paces = new HashMap<>();

    /** @param nanos from when it was given until all of it had left */
    void took(String taker, long nanos, long now) {
        paces.merge(taker, new Pace(1, nanos, now), Pace::and);
        if (paces.size() > MANY) {
            paces.values().removeIf(pace -> now - pace.at >= AGAIN);
        }
    }

    /** Whether a first copy is better given to the others. */
    boolean isSlow(String taker, long now) {
        Pace pace = paces.get(taker);
        if (pace == null || pace.times < ENOUGH || now - pace.at >= AGAIN) {
            return false;
        }
        double[] others = paces.entrySet().stream()
                .filter(other -> !other.getKey().equals(taker) && now - other.getValue().at < TAKES)
                .mapToDouble(other -> other.getValue().nanos)
                .sorted()
                .toArray();
        return others.length > 0 && pace.nanos > SLOW * others[others.length / 2];
    }
}
