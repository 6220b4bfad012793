package dev.darter.core;

import java.util.List;

/**
 * A scheduler's leave for one reader of an origin to say what a task's bytes are.
 *
 * @param generation of the task's content, as its scheduler counts; a greater number is newer
 * @param reader who reads and signs
 * @param ranges blocks that the reader may speak of; none for all
 */
public record Warrant(TaskId task, long generation, VerifyKey reader, List<BlockRange> ranges) {
    private static final int MOST_RANGES = 64;

    public Warrant {
        ranges = List.copyOf(ranges);
        if (ranges.size() > MOST_RANGES) {
            throw new IllegalArgumentException("ranges: " + ranges.size() + " (expected: at most " + MOST_RANGES + ")");
        }
    }

    public boolean covers(int block) {
        return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.contains(block));
    }
}
