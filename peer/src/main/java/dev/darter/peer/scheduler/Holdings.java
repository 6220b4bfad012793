package dev.darter.peer.scheduler;

import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which whole tasks of this host the schedulers know of, and under which peer id. Any thread may call it. */
public final class Holdings {
    private final Map<TaskId, PeerId> told = new ConcurrentHashMap<>();

    /** A scheduler was told that this host holds the task. */
    public void told(TaskId task, PeerId peer) {
        told.put(task, peer);
    }

    /** The id under which schedulers know this host's copy; empty when they do not. */
    public Optional<PeerId> toldAs(TaskId task) {
        return Optional.ofNullable(told.get(task));
    }

    /** Schedulers have forgotten the task, or were told that it is gone. */
    public void forget(TaskId task) {
        told.remove(task);
    }

    /** Everything that schedulers were told, as it is now. */
    public Map<TaskId, PeerId> all() {
        return Map.copyOf(told);
    }
}
