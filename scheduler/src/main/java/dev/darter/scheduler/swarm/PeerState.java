package dev.darter.scheduler.swarm;

import java.util.EnumSet;
import java.util.Set;

/** Where one attempt of a host at a task stands. The wire's three further names for {@link #RECEIVED} are one flag of the peer. */
public enum PeerState {
    PENDING,
    /** Registered; has not begun. */
    RECEIVED,
    /** Fetches from parents, or waits for them. */
    RUNNING,
    BACK_TO_SOURCE,
    SUCCEEDED,
    FAILED,
    LEFT;

    private static final Set<PeerState> OVER = EnumSet.of(SUCCEEDED, FAILED, LEFT);

    /** The table of legal moves. */
    public boolean mayBecome(PeerState next) {
        return switch (next) {
            case PENDING -> false;
            case RECEIVED -> this == PENDING;
            case RUNNING -> this == RECEIVED;
            case BACK_TO_SOURCE -> this == RECEIVED || this == RUNNING;
            case SUCCEEDED -> this == RECEIVED || this == RUNNING || this == BACK_TO_SOURCE;
            case FAILED -> this != FAILED && this != LEFT;
            case LEFT -> this != LEFT;
        };
    }

    /** Whether the attempt is at work. */
    public boolean isActive() {
        return this == RUNNING || this == BACK_TO_SOURCE;
    }

    public boolean isOver() {
        return OVER.contains(this);
    }
}
