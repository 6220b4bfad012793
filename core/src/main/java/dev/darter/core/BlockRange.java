package dev.darter.core;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Consecutive blocks.
 *
 * @param first number of the first one
 * @param end behind the last one
 */
public record BlockRange(int first, int end) {
    public BlockRange {
        if (first < 0 || end <= first) {
            throw new IllegalArgumentException("blocks: " + first + ".." + end + " (expected: from 0, at least one)");
        }
    }

    public boolean contains(int block) {
        return block >= first && block < end;
    }

    /** The runs of a set, in ascending order: the first {@code most} of them. */
    public static List<BlockRange> of(BitSet blocks, int most) {
        var ranges = new ArrayList<BlockRange>();
        for (int first = blocks.nextSetBit(0); first >= 0 && ranges.size() < most; ) {
            int end = blocks.nextClearBit(first);
            ranges.add(new BlockRange(first, end));
            first = blocks.nextSetBit(end);
        }
        return List.copyOf(ranges);
    }

    /** All blocks of these ranges; the caller may change the set. */
    public static BitSet set(List<BlockRange> ranges) {
        var blocks = new BitSet();
        ranges.forEach(range -> blocks.set(range.first(), range.end()));
        return blocks;
    }
}
