package dev.darter.peer.choice;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Whom a download follows, of those that are named to it and those that follow it.
 *
 * <p>Each neighbour costs messages, so there are to be few; but what is given to somebody whom hardly anybody follows stays with him, and a crowd that
 * comes at once makes exactly that by itself. The scheduler can name to the first only each other, who then have all the neighbours that they want
 * when the others come; and nobody follows the last. So a download at first follows only some of those that are named to it, and so leaves room; it follows
 * whoever follows it; and when it has no room left, one caller after the other takes a place with such a chance that in the end any of them has one with the
 * same (a reservoir). What is still missing after a moment it takes from those that were named and not followed.
 *
 * <p>With this 64 and 128 simulated peers are as fast with 20 neighbours each as they were with 40; with 20 and without it the last took a quarter
 * longer, with 12 three times as long.
 *
 * <p>Used by the download's thread alone.
 *
 * @param <H> a host, with {@code equals}
 */
public final class Neighbourhood<H> {
    /** How long only some are followed, in nanoseconds. */
    public static final long MOMENT = Duration.ofMillis(300).toNanos();

    /** As many as a scheduler names three times. */
    private static final int MOST_SPARES = 60;

    private final MeshRules rules;
    private final RandomGenerator random;
    private final long began;
    private final Set<H> spares = new LinkedHashSet<>();
    private int callers;

    /** What becomes of somebody who follows us. */
    public enum Reception {
        /** It is followed. */
        FOLLOW,
        /** It is followed in the place of another one. */
        REPLACE,
        /** It is served, and not followed. */
        SERVE
    }

    /** @param now a reading of a monotonic clock, as all others */
    public Neighbourhood(MeshRules rules, RandomGenerator random, long now) {
        this.rules = rules;
        this.random = random;
        this.began = now;
    }

    /**
     * The scheduler names a host that is not followed; one that is not followed now may be later.
     *
     * @param followed how many are
     * @return whether to follow it
     */
    public boolean isWanted(H host, int followed, long now) {
        if (followed < wanted(now)) {
            spares.remove(host);
            return true;
        }
        if (spares.size() < MOST_SPARES) {
            spares.add(host);
        }
        return false;
    }

    /** Somebody who is not followed follows us. */
    public Reception receive(H host, int followed) {
        callers++;
        Reception reception = followed < rules.mostLinks()
                ? Reception.FOLLOW
                : random.nextInt(callers) < rules.mostLinks() ? Reception.REPLACE : Reception.SERVE;
        if (reception != Reception.SERVE) {
            spares.remove(host);
        }
        return reception;
    }

    /** Hosts to follow now, since others went or since it is time for more; the caller follows them. */
    public List<H> more(int followed, long now) {
        int missing = Math.min(wanted(now) - followed, spares.size());
        if (missing <= 0) {
            return List.of();
        }
        var all = new ArrayList<>(spares);
        var chosen = new ArrayList<H>(missing);
        for (int i = 0; i < missing; i++) {
            chosen.add(all.remove(random.nextInt(all.size())));
        }
        chosen.forEach(spares::remove);
        return chosen;
    }

    private int wanted(long now) {
        return now - began < MOMENT ? rules.firstLinks() : rules.soughtLinks();
    }
}
