package dev.darter.peer.transfer;

import dev.darter.core.Block;
import dev.darter.peer.storage.TaskContent;

/** Chooses what a child gets that takes whatever has been given to nobody yet. Any thread may call it. */
public interface HandOut {
    /** What the child gets. */
    sealed interface Next {}

    record Given(Block block) implements Next {}

    /** There is nothing new now, but there will be. */
    record Later() implements Next {}

    /** Everything was given to somebody: whoever wants it asks for it by number. */
    record Nothing() implements Next {}

    /**
     * Waits a moment for something to give.
     *
     * @param child peer id
     * @param has bytes that it has of the content; negative where it does not say
     */
    Next next(TaskContent content, String child, long has) throws InterruptedException;

    /** All of a block that was given is on its way. */
    void sent(TaskContent content, Block block);

    /** A block that was given cannot be sent, or the child went before it had it: somebody else gets it. */
    void takeBack(TaskContent content, Block block);
}
