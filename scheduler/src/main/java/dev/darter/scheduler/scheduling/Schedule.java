package dev.darter.scheduler.scheduling;

import dev.darter.core.PeerId;
import java.util.List;

/** What a peer that wants parents is to get. */
public sealed interface Schedule {
    /** Best parent first, never empty. */
    record Parents(List<PeerId> parents) implements Schedule {
        public Parents {
            if (parents.isEmpty()) {
                throw new IllegalArgumentException("parents: none (expected: at least one)");
            }
            parents = List.copyOf(parents);
        }
    }

    /** The origin, if a place there is still free when it is taken. */
    record BackToSource() implements Schedule {}

    /** Nothing yet; it is asked again when something changes, or a little later. */
    record Wait() implements Schedule {}

    /** There is no way to the content. */
    record GiveUp() implements Schedule {}
}
