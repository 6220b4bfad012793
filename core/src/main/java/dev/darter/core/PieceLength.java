package dev.darter.core;

/**
 * How content is cut into the pieces of the v1 wire. The length of a piece is never sent: every participant computes it
 * from the content length, so this must agree with Dragonfly v2.1.28 for every length (vectors in {@code PieceLengthTest}).
 */
public final class PieceLength {
    private static final long MIB = 1 << 20;
    private static final long DEFAULT = 4 * MIB;
    private static final long MAX = 15 * MIB;
    private static final long GROWS_AFTER = 200 * MIB;

    private PieceLength() {}

    /**
     * @param contentLength bytes; negative when unknown
     * @return bytes of every piece but the last: 4 MiB to 15 MiB, whole MiB
     */
    public static long of(long contentLength) {
        if (contentLength <= GROWS_AFTER) {
            return DEFAULT;
        }
        return Math.min(MAX, DEFAULT + (contentLength / (100 * MIB) - 2) * MIB);
    }

    /**
     * @param contentLength bytes, not negative
     * @return number of pieces; 0 for empty content
     */
    public static int count(long contentLength) {
        if (contentLength < 0) {
            throw new IllegalArgumentException("content length: " + contentLength + " (expected: >= 0)");
        }
        return Math.toIntExact(Math.ceilDiv(contentLength, of(contentLength)));
    }
}
