package dev.darter.core;

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
}
