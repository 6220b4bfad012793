package dev.darter.peer.choice;

import dev.darter.core.BlockRange;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Which block whoever has the only copy gives next: in the order of the content, each to one child before any to two; which children are
 * passed over for a while ({@link Takers}); and when the others may ask here for what was given. Times are readings of a monotonic clock that the
 * caller passes in. For one thread at a time.
 */
public final class FirstCopies {
    /** Nanoseconds after which a child that gets nothing asks again. */
    public static final long MOMENT = Duration.ofSeconds(1).toNanos();

    /** Nanoseconds in which the others catch up a little with one that is ahead of them. */
    private static final long CATCH_UP = Duration.ofMillis(20).toNanos();

    /** Of a block that one child has had for so long the others have heard from that child, or it is gone. */
    private static final long TOLD_AFTER = Duration.ofSeconds(4).toNanos();

    /**
     * Or for this part of the time that all of it has taken so far, if that is longer: where links are slow a block is long on its way, and so is
     * the word of it. Of 16 peers on 12.5 Mbit/s, told after four seconds, the seed sent a seventh of the content a second time.
     */
    private static final int TOLD_AFTER_PART = 10;

    /** Or for so many times as long as a block takes to leave: those who pass it on are as slow. */
    private static final double TOLD_AFTER_TRIPS = 8;

    private static final double NEW_TRIP = 0.1;

    /** A child that has not taken a block in so long is stuck, and others want it, too. */
    private static final long STUCK_AFTER = Duration.ofSeconds(15).toNanos();

    private final BitSet given = new BitSet();

    /** Those of them that have left. */
    private final BitSet sent = new BitSet();

    /** Blocks that others had first; they are given to nobody in turn. */
    private final BitSet elsewhere = new BitSet();

    private final Takers takers = new Takers();

    /** When each had, or was given if it has not. */
    private long[] times = new long[0];

    private String[] takenBy = {};

    private boolean began;
    private long beganAt;

    /** From when a block is given until all of it has left, in nanoseconds; moves with each. */
    private double trip;

    /**
     * Chooses, and notes that it was given.
     *
     * @param child gets it
     * @param readable blocks that are here; changed
     * @param had what the child had before
     * @param most blocks, one after the other
     * @param givable whether it can be sent after all
     * @return empty when there is none
     */
    public Optional<BlockRange> next(
            String child, BitSet readable, BitSet had, int most, IntPredicate givable, long now) {
        if (!began) {
            began = true;
            beganAt = now;
        }
        readable.andNot(given);
        readable.andNot(had);
        readable.andNot(elsewhere);
        int first = readable.nextSetBit(0);
        while (first >= 0 && !givable.test(first)) {
            first = readable.nextSetBit(first + 1);
        }
        if (first < 0) {
            return Optional.empty();
        }
        int end = first;
        do {
            given.set(end);
            takers.gets(child, now);
            note(end, now);
            takenBy[end] = child;
            end++;
        } while (end - first < most && readable.get(end) && givable.test(end));
        return Optional.of(new BlockRange(first, end));
    }

    /** All of it is on its way to the child. */
    public void sent(int block, long now) {
        double latest = now - times[block];
        trip = trip == 0 ? latest : trip + NEW_TRIP * (latest - trip);
        sent.set(block);
        note(block, now);
    }

    private void note(int block, long now) {
        if (block >= times.length) {
            times = Arrays.copyOf(times, Math.max(block + 1, times.length * 2));
            takenBy = Arrays.copyOf(takenBy, times.length);
        }
        times[block] = now;
    }

    /** Somebody else had it first. */
    public void hadByOthers(int block) {
        if (!given.get(block)) {
            elsewhere.set(block);
        }
    }

    /** It was not sent after all. */
    public void takeBack(int block) {
        given.clear(block);
    }

    /**
     * A child asks for one.
     *
     * @param has bytes that it has of the content; negative where it does not say
     * @param shunnedBy how many others say that they take nothing from it
     * @return nanoseconds for which it gets none, since the others make more of them; 0 when it gets the next one
     */
    public long passesOver(String child, long has, int shunnedBy, long now) {
        takers.asks(child, has, shunnedBy, now);
        if (takers.isShunned(child, now) || takers.isSlow(child, now)) {
            return MOMENT;
        }
        return takers.isAhead(child, now) ? CATCH_UP : 0;
    }

    /** Leaves of some blocks those that the others may hear of. */
    public void keepBack(BitSet blocks, long now) {
        for (int block = blocks.nextSetBit(0); block >= 0; block = blocks.nextSetBit(block + 1)) {
            if (!mayTell(block, now)) {
                blocks.clear(block);
            }
        }
    }

    /** Whether the others may hear that it is here. */
    boolean mayTell(int block, long now) {
        if (elsewhere.get(block) || (given.get(block) && takers.isShunned(takenBy[block], now))) {
            return true; // it was told of elsewhere, or nobody will get it there
        }
        return sent.get(block) ? now - times[block] >= toldAfter(now) : isStuck(block, now);
    }

    private double toldAfter(long now) {
        double late = Math.max((double) (now - beganAt) / TOLD_AFTER_PART, TOLD_AFTER_TRIPS * trip);
        return Math.max(TOLD_AFTER, late);
    }

    private boolean isStuck(int block, long now) {
        return given.get(block)
                && !sent.get(block)
                && now - times[block] >= Math.max(STUCK_AFTER, TOLD_AFTER_TRIPS * trip);
    }

    /**
     * Whether each has left once, as far as that depends on whoever has them.
     *
     * @param readable blocks that are here
     */
    public boolean isOver(BitSet readable, long now) {
        for (int block = readable.nextSetBit(0); block >= 0; block = readable.nextSetBit(block + 1)) {
            if (!sent.get(block) && !elsewhere.get(block) && !isStuck(block, now)) {
                return false;
            }
        }
        return true;
    }
}
