package dev.darter.peer.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Integrity;
import dev.darter.core.TaskId;
import dev.darter.peer.scheduler.Instruction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parents that schedulers named last for each task, so that a download can be finished or repeated from them while no
 * scheduler answers. Any thread may call it.
 */
final class KnownParents {
    private static final int MOST_TASKS = 1024;

    @GuardedBy("this")
    private final Map<TaskId, Instruction.Parents> byTask = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<TaskId, Instruction.Parents> eldest) {
            return size() > MOST_TASKS;
        }
    };

    synchronized void note(TaskId task, Instruction.Parents parents) {
        byTask.put(task, parents);
    }

    /** Best first, with what the scheduler said of the task; nobody when nobody is known. */
    synchronized Instruction.Parents of(TaskId task) {
        return byTask.getOrDefault(task, new Instruction.Parents(List.of(), Integrity.UNKNOWN));
    }
}
