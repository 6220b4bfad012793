package dev.darter.core;

/**
 * How a seed peer reads one content together with others: the first one reads the front by itself, in order; what is behind it all of them read in parts
 * that a scheduler grants, from the end towards the front. Nobody has to know how fast the others are.
 *
 * @param seeds seed peers that read it together, this one included; 1 for one that reads all of it
 * @param helps whether another one begins at the front
 */
public record SeedShare(int seeds, boolean helps) {
    /** Reads all of it. */
    public static final SeedShare ALONE = new SeedShare(1, false);

    /** Bytes; of less content the second reader would have its first block when the first one is through. */
    public static final long LEAST_LENGTH = 64L << 20;

    /** More of them would get less than they need to fill a connection. */
    public static final int MOST_SEEDS = 8;

    /** @throws IllegalArgumentException if no scheduler would ask for that */
    public SeedShare {
        if (seeds < 1 || seeds > MOST_SEEDS) {
            throw new IllegalArgumentException("seeds: " + seeds + " (expected: 1 to " + MOST_SEEDS + ")");
        }
    }

    /**
     * Where the front ends that the first one reads by itself.
     *
     * @param contentLength bytes
     * @return bytes, whole pieces; all of them if the content is too short to be worth a second reader
     */
    public long front(long contentLength) {
        if (seeds == 1 || contentLength < LEAST_LENGTH) {
            return contentLength;
        }
        long piece = PieceLength.of(contentLength);
        return Math.min(contentLength, Math.ceilDiv(contentLength / seeds, piece) * piece);
    }
}
