package dev.darter.peer.transfer;

import dev.darter.core.Block;
import dev.darter.peer.storage.TaskContent;
import java.util.List;

/** Chooses what a child gets that takes whatever has been given to nobody yet. Any thread may call it. */
public interface HandOut {
    /** What the child gets. */
    sealed interface Next {}

    /** Blocks that follow each other, one at least. */
    record Given(List<Block> run) implements Next {
        public Given {
            run = List.copyOf(run);
        }
    }

    /** There is nothing new now, but there will be. */
    record Later() implements Next {}

    /** Everything was given to somebody: whoever wants it asks for it by number. */
    record Nothing() implements Next {}

    /**
     * Who asks.
     *
     * @param peer id
     * @param has bytes that it has of the content; negative where it does not say
     * @param most blocks that it takes at a time
     */
    record Child(String peer, long has, int most) {}

    /** Waits a moment for something to give. */
    Next next(TaskContent content, Child child) throws InterruptedException;

    /** All of what was given is on its way. */
    void sent(TaskContent content, List<Block> run);

    /** What was given cannot be sent, or the child went before it had it: somebody else gets it. */
    void takeBack(TaskContent content, List<Block> run);
}
