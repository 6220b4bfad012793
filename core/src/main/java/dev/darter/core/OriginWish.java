package dev.darter.core;

import java.util.List;

/**
 * What a peer says to its scheduler of reading blocks from the origin itself, beside what others give it. A word without {@code wanted} asks
 * for nothing: it says that this peer is well served, or how its reading stands.
 *
 * @param contentLength bytes of the whole content, as the peer knows it
 * @param blockLength bytes of every block but the last
 * @param wanted missing blocks that nobody whom the peer knows has, ascending
 * @param read blocks that it read from the origin since its last word
 * @param reading how the blocks stand that it was granted last
 * @param starved whether somebody delivers new blocks, and more slowly than the peer could take them; else nobody does
 */
public record OriginWish(
        long contentLength,
        int blockLength,
        List<BlockRange> wanted,
        List<BlockRange> read,
        Reading reading,
        boolean starved) {
    /** Ranges of either kind in one word. */
    public static final int MOST_RANGES = 512;

    /** How a reading stands. */
    public enum Reading {
        NONE,
        UNDER_WAY,
        /** The origin gave less than was asked for; somebody else may try the rest. */
        FAILED,
        /** The origin gives no ranges, has other content by now, or refuses: nobody is to try this way. */
        UNFIT
    }

    public OriginWish {
        if (contentLength <= 0) {
            throw new IllegalArgumentException("content length: " + contentLength + " (expected: more than 0)");
        }
        if (blockLength != BlockLength.SMALL && blockLength != BlockLength.LARGE) {
            throw new IllegalArgumentException("block length: " + blockLength + " (expected: " + BlockLength.SMALL
                    + " or " + BlockLength.LARGE + ")");
        }
        wanted = checked("wanted", wanted, contentLength, blockLength);
        read = checked("read", read, contentLength, blockLength);
    }

    private static List<BlockRange> checked(String what, List<BlockRange> ranges, long contentLength, int blockLength) {
        if (ranges.size() > MOST_RANGES) {
            throw new IllegalArgumentException(
                    what + ": " + ranges.size() + " ranges (expected: at most " + MOST_RANGES + ")");
        }
        int blocks = BlockLength.count(contentLength, blockLength);
        for (BlockRange range : ranges) {
            if (range.end() > blocks) {
                throw new IllegalArgumentException(what + ": up to block " + range.end() + " (expected: at most "
                        + blocks + ", of " + contentLength + " bytes)");
            }
        }
        return List.copyOf(ranges);
    }
}
