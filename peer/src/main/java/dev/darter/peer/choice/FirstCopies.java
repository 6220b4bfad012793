package dev.darter.peer.choice;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * Which block whoever has the only copy gives next: in the order of the content, each to one child before any to two. Times are readings
 * of a monotonic clock that the caller passes in. For one thread at a time.
 */
public final class FirstCopies {
    private final BitSet given = new BitSet();

    /** Those of them that have left. */
    private final BitSet sent = new BitSet();

    /** When each of these had. */
    private long[] times = new long[0];

    /**
     * Chooses, and notes that it was given.
     *
     * @param readable blocks that are here; changed
     * @param had what the child had before
     * @param givable whether it can be sent after all
     * @return its number; -1 when there is none
     */
    public int next(BitSet readable, BitSet had, IntPredicate givable) {
        readable.andNot(given);
        readable.andNot(had);
        for (int number = readable.nextSetBit(0); number >= 0; number = readable.nextSetBit(number + 1)) {
            if (givable.test(number)) {
                given.set(number);
                return number;
            }
        }
        return -1;
    }

    /** All of it is on its way to the child. */
    public void sent(int block, long now) {
        if (block >= times.length) {
            times = Arrays.copyOf(times, Math.max(block + 1, times.length * 2));
        }
        times[block] = now;
        sent.set(block);
    }

    /** It was not sent after all. */
    public void takeBack(int block) {
        given.clear(block);
    }

    /** Whether a block was sent and the child has had so many nanoseconds since. */
    public boolean gaveBefore(int block, long nanos, long now) {
        return sent.get(block) && now - times[block] >= nanos;
    }

    /** @param readable blocks that are here */
    public boolean gaveAll(BitSet readable) {
        return given.cardinality() >= readable.cardinality() && covers(readable);
    }

    private boolean covers(BitSet readable) {
        var left = (BitSet) readable.clone();
        left.andNot(given);
        return left.isEmpty();
    }
}
