package dev.darter.peer.scheduler;

import dev.darter.core.CodedException;
import dev.darter.core.OriginFailure;
import dev.darter.wire.client.Answer;
import dev.darter.wire.client.Registration;
import java.util.List;

/** What a download hears from its scheduler. */
public sealed interface Instruction {
    /** Fetch from these, best first, and from nobody else. */
    record Parents(List<Answer.Parent> parents) implements Instruction {
        public Parents {
            parents = List.copyOf(parents);
        }
    }

    /** Fetch from the origin. */
    record BackToSource() implements Instruction {}

    /** The origin refused another peer for good. */
    record OriginRefused(OriginFailure failure) implements Instruction {}

    /** There is nothing to be had. */
    record GiveUp(CodedException reason) implements Instruction {}

    /** The scheduler is gone, or has forgotten the peer; it is being asked again, and parents may go on. */
    record Lost(String reason) implements Instruction {}

    /** After {@link Lost}: a scheduler knows the peer again. */
    record Found(Registration registration) implements Instruction {}
}
