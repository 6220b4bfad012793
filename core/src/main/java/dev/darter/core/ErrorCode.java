package dev.darter.core;

import java.util.Optional;

/**
 * The codes that daemons, schedulers and tools exchange, with their numbers in the v1 family. Receivers branch on the
 * number; who is to blame and whether another try may help is ours.
 */
public enum ErrorCode {
    SUCCESS(200, Category.INTERNAL, false),
    SERVER_UNAVAILABLE(500, Category.INTERNAL, true),
    RESOURCE_LACKED(1000, Category.INTERNAL, true),
    /** The origin refused for good; every waiting peer is told. */
    BACK_TO_SOURCE_ABORTED(1001, Category.ORIGIN, false),
    BAD_REQUEST(1400, Category.CALLER, false),
    PEER_TASK_NOT_FOUND(1404, Category.CALLER, false),
    UNKNOWN_ERROR(1500, Category.INTERNAL, false),
    REQUEST_TIMEOUT(1504, Category.INTERNAL, true),
    /** Storage, digest or length of this peer. */
    CLIENT_ERROR(4000, Category.STORAGE, false),
    CLIENT_PIECE_REQUEST_FAIL(4001, Category.PEER, true),
    CLIENT_SCHEDULE_TIMEOUT(4002, Category.INTERNAL, true),
    CLIENT_CONTEXT_CANCELED(4003, Category.CALLER, false),
    CLIENT_WAIT_PIECE_READY(4004, Category.PEER, true),
    CLIENT_PIECE_DOWNLOAD_FAIL(4005, Category.PEER, true),
    CLIENT_REQUEST_LIMIT_FAIL(4006, Category.INTERNAL, false),
    CLIENT_CONNECTION_ERROR(4007, Category.PEER, true),
    CLIENT_BACK_SOURCE_ERROR(4008, Category.ORIGIN, false),
    CLIENT_PIECE_NOT_FOUND(4404, Category.PEER, true),
    SCHED_ERROR(5000, Category.INTERNAL, false),
    SCHED_NEED_BACK_SOURCE(5001, Category.INTERNAL, false),
    SCHED_PEER_GONE(5002, Category.INTERNAL, false),
    SCHED_PEER_NOT_FOUND(5004, Category.CALLER, false),
    SCHED_PEER_PIECE_RESULT_REPORT_FAIL(5005, Category.INTERNAL, false),
    SCHED_TASK_STATUS_ERROR(5006, Category.INTERNAL, true),
    /** The scheduler does not know the peer, for example after its restart. */
    SCHED_REREGISTER(5007, Category.INTERNAL, true),
    SCHED_FORBIDDEN(5008, Category.CALLER, false),
    CDN_TASK_REGISTRY_FAIL(6001, Category.INTERNAL, false),
    CDN_TASK_NOT_FOUND(6404, Category.INTERNAL, false),
    INVALID_RESOURCE_TYPE(7001, Category.CALLER, false);

    /** Who has to mend it. */
    public enum Category {
        CALLER,
        ORIGIN,
        PEER,
        STORAGE,
        INTERNAL
    }

    private final int number;
    private final Category category;
    private final boolean retryable;

    ErrorCode(int number, Category category, boolean retryable) {
        this.number = number;
        this.category = category;
        this.retryable = retryable;
    }

    public int number() {
        return number;
    }

    public Category category() {
        return category;
    }

    /** Whether the same request may succeed when it is made again. */
    public boolean isRetryable() {
        return retryable;
    }

    public static Optional<ErrorCode> byNumber(int number) {
        for (ErrorCode code : values()) {
            if (code.number == number) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
