package dev.darter.peer.storage;

import dev.darter.core.ByteRange;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * All tasks that this host holds, whole or in part. Any thread may call it. What is on disk when the process dies is found
 * again by the next one, whole or partial; a byte that was not journalled is never served.
 */
public interface Storage extends AutoCloseable {
    /** The task's content on this host; empty when there is none, or when what there was failed or was dropped. */
    Optional<TaskContent> find(TaskId task);

    /** Whether these bytes can be read without a look at the disk first; returns at once. */
    boolean isAtHand(TaskId task, ByteRange bytes);

    /**
     * The task's content, made if there is none. A partial one from an earlier process is resumed under the peer id it
     * has on disk.
     *
     * @param peer directory of new content, and the id under which it is offered to other peers
     * @throws IOException if the directory or file cannot be made
     */
    TaskContent open(TaskId task, PeerId peer) throws IOException;

    /** Everything held now, in no order. */
    List<TaskContent> all();

    /** Forgets the task and frees its space as soon as nobody reads it; does nothing when it is unknown. */
    void drop(TaskId task);

    @Override
    void close();
}
