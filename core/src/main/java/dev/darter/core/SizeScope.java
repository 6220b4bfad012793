package dev.darter.core;

/** How large a task is, as far as it changes the way it is handed out; the ordinal is the number on the wire. */
public enum SizeScope {
    NORMAL,
    /** Exactly one piece of more than 128 bytes. */
    SMALL,
    /** 1 to 128 bytes: the content travels inside the answer to a registration. */
    TINY,
    EMPTY,
    UNKNOWN;

    /** Longest content that is {@link #TINY}, in bytes. */
    public static final int TINY_LENGTH = 128;

    /**
     * Upstream's rule, in upstream's order.
     *
     * @param contentLength bytes; negative when unknown
     * @param pieceCount negative when unknown
     */
    public static SizeScope of(long contentLength, int pieceCount) {
        if (contentLength < 0 || pieceCount < 0) {
            return UNKNOWN;
        }
        if (contentLength == 0) {
            return EMPTY;
        }
        if (contentLength <= TINY_LENGTH) {
            return TINY;
        }
        return pieceCount == 1 ? SMALL : NORMAL;
    }
}
