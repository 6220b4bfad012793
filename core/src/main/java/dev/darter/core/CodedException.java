package dev.darter.core;

/** A failure that retrying inside has ended; adapters turn its code into what their wire understands. */
public class CodedException extends RuntimeException {
    private final ErrorCode code;

    public CodedException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public CodedException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
