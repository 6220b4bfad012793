package dev.darter.core;

/** The origin did not deliver; {@link #failure()} says what it answered. */
public final class OriginException extends CodedException {
    private final OriginFailure failure;

    public OriginException(String message, OriginFailure failure) {
        super(ErrorCode.CLIENT_BACK_SOURCE_ERROR, message);
        this.failure = failure;
    }

    public OriginException(String message, OriginFailure failure, Throwable cause) {
        super(ErrorCode.CLIENT_BACK_SOURCE_ERROR, message, cause);
        this.failure = failure;
    }

    /**
     * An answer that is no content. Everybody says it in these words: who heard it from the origin, and who was told of it.
     *
     * @param origin the URL's host
     */
    public static OriginException refused(String origin, OriginFailure failure) {
        return new OriginException("origin " + origin + ": " + failure.status() + " (expected: 200 or 206)", failure);
    }

    public OriginFailure failure() {
        return failure;
    }
}
