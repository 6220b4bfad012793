package dev.darter.scheduler.swarm;

/** Where a task stands in the swarm. */
public enum TaskState {
    PENDING("Pending"),
    RUNNING("Running"),
    SUCCEEDED("Succeeded"),
    FAILED("Failed");

    private final String wireName;

    TaskState(String wireName) {
        this.wireName = wireName;
    }

    /** As tools see it. */
    public String wireName() {
        return wireName;
    }

    /** The table of legal moves. */
    public boolean mayBecome(TaskState next) {
        return switch (next) {
            case PENDING -> false;
            case RUNNING -> this != RUNNING;
            case SUCCEEDED -> this == RUNNING || this == FAILED;
            case FAILED -> this == RUNNING;
        };
    }
}
