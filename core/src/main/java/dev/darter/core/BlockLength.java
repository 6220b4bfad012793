package dev.darter.core;

/**
 * How content is cut into blocks, the unit of choice, transfer, digest and journal between Darter peers. Both lengths
 * divide every piece length, so a piece is always a whole run of blocks.
 */
public final class BlockLength {
    /** 256 KiB: content up to 4 GiB, and content whose length is unknown. */
    public static final int SMALL = 256 << 10;

    /** 1 MiB: content over 4 GiB. */
    public static final int LARGE = 1 << 20;

    private static final long LARGE_ABOVE = 4L << 30;

    private BlockLength() {}

    /**
     * @param contentLength bytes; negative when unknown
     * @return bytes of every block but the last
     */
    public static int of(long contentLength) {
        return contentLength > LARGE_ABOVE ? LARGE : SMALL;
    }

    /** Number of blocks of {@code blockLength} bytes that {@code contentLength} bytes take; 0 for empty content. */
    public static int count(long contentLength, int blockLength) {
        return Math.toIntExact(Math.ceilDiv(contentLength, blockLength));
    }
}
