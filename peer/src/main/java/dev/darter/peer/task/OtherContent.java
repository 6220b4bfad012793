package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;

/** What is here is not what counts from now on: the download has to begin anew. */
final class OtherContent extends CodedException {
    private static final long serialVersionUID = 1L;

    private final long generation;

    /** @param generation of the content that counts */
    OtherContent(long generation, String reason) {
        super(ErrorCode.CLIENT_ERROR, reason);
        this.generation = generation;
    }

    long generation() {
        return generation;
    }
}
