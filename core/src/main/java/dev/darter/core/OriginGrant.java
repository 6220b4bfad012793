package dev.darter.core;

import java.time.Duration;
import java.util.List;

/**
 * Blocks that one peer is to read from the origin; nobody else was given them.
 *
 * @param blocks ascending; at least one range
 * @param delay before it begins, so that not all begin at once
 */
public record OriginGrant(List<BlockRange> blocks, Duration delay) {
    /** As many as a warrant may name. */
    public static final int MOST_RANGES = 64;

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    public OriginGrant {
        if (blocks.isEmpty() || blocks.size() > MOST_RANGES) {
            throw new IllegalArgumentException(
                    "granted: " + blocks.size() + " ranges (expected: 1.." + MOST_RANGES + ")");
        }
        if (delay.isNegative() || delay.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: 0 to " + LONGEST_DELAY + ")");
        }
        blocks = List.copyOf(blocks);
    }
}
