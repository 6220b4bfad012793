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

    public OriginFailure failure() {
        return failure;
    }
}
