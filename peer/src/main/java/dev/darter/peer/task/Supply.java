package dev.darter.peer.task;

import java.util.concurrent.TimeUnit;

/**
 * Whether a download could take more new blocks than come into the swarm. Times are readings of {@link System#nanoTime} that the caller passes in;
 * for one thread.
 *
 * <p>Where links are the limit, there is always something that a neighbour has and this host has not, and requests for it are open. Where new blocks
 * are the limit, every block is here soon after it is anywhere, and for a good part of the time there is nothing to ask for. That part is what
 * is measured. A host that has no neighbour but the one that gives content out never asks for anything, and cannot know.
 *
 * <p>Whether the origin is a way out only trying can tell: it may be the very thing that everybody waits for. So what comes in all while this host
 * reads there is held against what came before.
 *
 * <p>Time is looked at in windows. The first two are short, since what the origin could have given until somebody asks it is lost; but a
 * few blocks have to come in each. What the origin is worth only long ones can tell: in a short one the rate depends on how blocks happen to
 * arrive. Where all that came before was short, it is read for a while and then left for one long window, which tells.
 */
final class Supply {
    private static final long FIRST_WINDOW = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_WINDOW = TimeUnit.SECONDS.toNanos(2);
    private static final int BLOCKS = 4;

    /** Of the time, so much without anything to ask for. */
    private static final double STARVED = 0.3;

    /** What comes in all has to grow by so much, or the origin is no help. */
    private static final double GAIN = 1.1;

    private static final long REST = TimeUnit.SECONDS.toNanos(30);

    private long window = FIRST_WINDOW;
    private int windows;
    private long began;
    private long seen;
    private boolean idle;
    private boolean reading;
    private long idleNanos;
    private long readingNanos;
    private long bytes;
    private int blocks;
    private boolean exchanged;
    private boolean wasStarved;
    private boolean starved;
    private double before;

    /** No long window has passed without the origin. */
    private boolean rough = true;

    private long untoldNanos;
    private boolean useless;
    private long uselessUntil;

    Supply(long now) {
        this.began = now;
        this.seen = now;
    }

    /** A block of so many bytes came. */
    void got(long more) {
        bytes += more;
        blocks++;
    }

    /**
     * How things stand from now on.
     *
     * @param nothingToAsk whether nobody has what is missing here and not on its way
     * @param readsOrigin whether blocks are read from the origin
     */
    void stands(boolean nothingToAsk, boolean readsOrigin, long now) {
        long nanos = now - seen;
        idleNanos += idle ? nanos : 0;
        readingNanos += reading ? nanos : 0;
        seen = now;
        if (readsOrigin && window < LONGEST_WINDOW) {
            window = LONGEST_WINDOW;
            begin(now);
        }
        idle = nothingToAsk;
        reading = readsOrigin;
        exchanged |= !nothingToAsk;
        if (now - began >= window && (blocks >= BLOCKS || now - began >= LONGEST_WINDOW)) {
            judge(now - began, now);
            windows++;
            window = windows < 2 ? FIRST_WINDOW : LONGEST_WINDOW;
            begin(now);
        }
    }

    private void begin(long now) {
        began = now;
        idleNanos = 0;
        readingNanos = 0;
        bytes = 0;
        blocks = 0;
    }

    private void judge(long nanos, long now) {
        double rate = (double) bytes / nanos;
        if (2 * readingNanos >= nanos && rough) {
            untoldNanos += nanos;
            starved = untoldNanos < REST;
            return;
        }
        if (2 * readingNanos >= nanos) {
            // Whoever is helped is starved no more, and would be again without: it goes on as long as it helps. Less
            // than before means that others bring less, and says nothing of the origin.
            useless = rate < GAIN * before && rate > before / GAIN;
            uselessUntil = now + REST;
            return;
        }
        if (readingNanos == 0) {
            before = rate;
            rough &= nanos < LONGEST_WINDOW;
        }
        boolean again = exchanged && idleNanos >= STARVED * nanos;
        starved = again && wasStarved; // in the first such window it may have been fed for most of the time
        wasStarved = again;
    }

    /** Whether more would be of use, and the origin may have it. */
    boolean isShort(long now) {
        useless &= uselessUntil - now > 0;
        return starved && !useless;
    }
}
