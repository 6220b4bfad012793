package dev.darter.peer.choice;

import java.time.Duration;

/**
 * Whether it is worth it to hold back whoever is ahead of the others ({@link Takers}). Holding somebody back must not cost anything: where the
 * others do not take more for it, less leaves altogether, and nobody is held back for a while.
 *
 * <p>Times are readings of a monotonic clock that the caller passes in. For one thread at a time.
 */
final class Restraint {
    private static final long WINDOW = Duration.ofSeconds(1).toNanos();

    /** Together they take that part of what they took before: it costs too much. */
    private static final double TOO_LITTLE = 0.6;

    /** Of what they took at best, so much is left a window later. */
    private static final double FORGETS = 0.97;

    private static final long FREE = Duration.ofSeconds(5).toNanos();

    private boolean counts;
    private long began;
    private int given;
    private boolean heldBack;
    private double best;
    private boolean free;
    private long freeUntil;

    /** Somebody got a block. */
    void given(long now) {
        look(now);
        given++;
    }

    /** Asked of somebody who is ahead. */
    boolean holdsBack(long now) {
        look(now);
        heldBack |= !free;
        return !free;
    }

    private void look(long now) {
        if (!counts) {
            counts = true;
            began = now;
        }
        free &= freeUntil - now > 0;
        if (now - began < WINDOW) {
            return;
        }
        double rate = given * 1e9 / (now - began);
        if (heldBack && rate < TOO_LITTLE * best) {
            free = true;
            freeUntil = now + FREE;
        }
        best = Math.max(best * FORGETS, rate);
        began = now;
        given = 0;
        heldBack = false;
    }
}
