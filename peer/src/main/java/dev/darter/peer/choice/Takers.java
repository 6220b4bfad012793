package dev.darter.peer.choice;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Who of those that take first copies has to wait for the others: whoever gets on so much more slowly that what it takes comes late to all of
 * them, whoever took so much more that it cannot pass it on, and whoever is believed by nobody.
 *
 * <p>Of a first copy everybody else hears from whoever got it. Behind a link of a twentieth of the others' rate it would be there when they have
 * everything else, and would leave over the same link. The slow one needs no first copies: others have links with room, and give it what they
 * got. So it is passed over as long as others take. How fast one gets on is how fast all that it has grows, not how fast it takes first copies:
 * that depends on who else sends to it.
 *
 * <p>Of those that are alike each passes on its share. Left to TCP, shares drift apart and stay so: whoever took more has more to give, what it
 * gives fills the downlinks of those that took less, and slows down what they take. Of four peers on equal links two took four fifths,
 * with their uplinks full and those of the other two idle. So nobody gets much more than its share: n alike could each pass on an (n-1)th of all
 * to all the others, and what is in the middle between that and an nth is the most ({@link Restraint} says when that is not worth it).
 *
 * <p>What is given to somebody whom most others have banned is lost to them: it waits until the others are served. Of several one who
 * says that decides nothing, and those who say it of each other are as good as anybody.
 *
 * <p>Times are readings of a monotonic clock that the caller passes in. For one thread at a time.
 */
final class Takers {
    /** A part of what half of the others grow by. */
    private static final double SLOW = 0.25;

    /** Who grows by less than this part of it is nobody to wait for. */
    private static final double UNLIKE = 0.5;

    /** Of the mean; what may differ in any case. */
    private static final double ALIKE = 1.1;

    /** Each has so many under way. */
    private static final double SLACK = 2;

    /** Growth is looked at over this time: how a link is shared at one moment says little. */
    private static final long WINDOW = Duration.ofSeconds(1).toNanos();

    /** What was given so long ago counts by a third. */
    private static final double FADES = Duration.ofSeconds(5).toNanos();

    /** What is seen holds for so long. */
    private static final long SIGHT = Duration.ofMillis(50).toNanos();

    /** Whoever has not asked for so long does not count. */
    private static final long ASKS = Duration.ofSeconds(3).toNanos();

    /** Those that have gone are forgotten when there are so many. */
    private static final int MANY = 256;

    private static final class Taker {
        private long asked;

        /** So many others say that they take nothing from it. */
        private int shunners;

        /** What it had at the beginning of the window; -1 while it has not said. */
        private long had = -1;

        private long since;

        /** Bytes a second; NaN while there is no window. */
        private double growth = Double.NaN;

        /** First copies that fade, as they stood when the latest was given. */
        private double copies;

        private long given;

        void asks(long has, int shunnedBy, long now) {
            asked = now;
            shunners = shunnedBy;
            if (has < 0) {
                return;
            }
            if (had < 0) {
                had = has;
                since = now;
            } else if (now - since >= WINDOW) {
                double latest = (has - had) * 1e9 / (now - since);
                growth = Double.isNaN(growth) ? latest : (growth + latest) / 2;
                had = has;
                since = now;
            }
        }

        void gets(long now) {
            copies = copies(now) + 1;
            given = now;
        }

        double copies(long now) {
            return copies == 0 ? 0 : copies * Math.exp((given - now) / FADES);
        }

        boolean takes(long now) {
            return now - asked < ASKS;
        }
    }

    private final Map<String, Taker> takers = new HashMap<>();

    private final Restraint restraint = new Restraint();

    // All of them as they stood a moment ago: every child asks for every block, and all are looked at for each
    private boolean isSeen;
    private long seenAt;
    private int taking;
    private int believed;
    private double[] growths = {};
    private int alike;
    private double most;

    /**
     * Somebody asks for a block.
     *
     * @param has bytes that it has of the content; negative where it does not say
     * @param shunnedBy how many others take nothing from it
     */
    void asks(String name, long has, int shunnedBy, long now) {
        takers.computeIfAbsent(name, _ -> new Taker()).asks(has, shunnedBy, now);
        if (takers.size() > MANY) {
            takers.values().removeIf(taker -> !taker.takes(now));
        }
    }

    void gets(String name, long now) {
        restraint.given(now);
        takers.computeIfAbsent(name, _ -> new Taker()).gets(now);
    }

    /** Whether a first copy is better given to the others. */
    boolean isSlow(String name, long now) {
        see(now);
        Taker taker = takers.get(name);
        return taker != null && growsBelow(SLOW, taker);
    }

    /** Whether most of the others would not take it from there. */
    boolean isShunned(String name, long now) {
        see(now);
        Taker taker = takers.get(name);
        return taker != null && believed > 0 && isDoubted(taker);
    }

    private boolean isDoubted(Taker taker) {
        return 2 * taker.shunners > taking - 1;
    }

    /** Whether it got so many more than the others that they come first. */
    boolean isAhead(String name, long now) {
        see(now);
        Taker mine = takers.get(name);
        // Whatever one of two takes, it can pass on to the other.
        boolean ahead = mine != null && alike > 2 && mine.copies(now) > most + SLACK;
        return ahead && restraint.holdsBack(now);
    }

    private void see(long now) {
        if (isSeen && now - seenAt < SIGHT) {
            return;
        }
        isSeen = true;
        seenAt = now;
        taking =
                (int) takers.values().stream().filter(taker -> taker.takes(now)).count();
        believed = (int) takers.values().stream()
                .filter(taker -> taker.takes(now) && !isDoubted(taker))
                .count();
        growths = takers.values().stream()
                .filter(taker -> taker.takes(now) && !Double.isNaN(taker.growth))
                .mapToDouble(taker -> taker.growth)
                .sorted()
                .toArray();
        alike = 0;
        double sum = 0;
        for (Taker taker : takers.values()) {
            if (taker.takes(now) && !isDoubted(taker) && !growsBelow(UNLIKE, taker)) {
                alike++;
                sum += taker.copies(now);
            }
        }
        double mean = sum / alike;
        most = Math.max(ALIKE * mean, (mean + sum / (alike - 1)) / 2);
    }

    /** Compared with half of the others; of two in the middle the slower one counts, so that what one says of itself decides nothing. */
    private boolean growsBelow(double part, Taker taker) {
        int place = Arrays.binarySearch(growths, taker.growth);
        int others = place < 0 ? growths.length : growths.length - 1;
        if (Double.isNaN(taker.growth) || others == 0) {
            return false;
        }
        int middle = (others - 1) / 2;
        return taker.growth < part * growths[place < 0 || middle < place ? middle : middle + 1];
    }
}
