package dev.darter.peer.scheduler;

import dev.darter.core.CodedException;
import dev.darter.core.Integrity;
import dev.darter.core.OriginGrant;
import dev.darter.core.SignedWarrant;
import dev.darter.wire.client.Answer;
import dev.darter.wire.client.Registration;
import java.util.List;
import java.util.Optional;

/** What a download hears from its scheduler. */
public sealed interface Instruction {
    /**
     * Fetch from these, best first, and from nobody else.
     *
     * @param integrity of the task, as far as the scheduler knows
     */
    record Parents(List<Answer.Parent> parents, Integrity integrity) implements Instruction {
        public Parents {
            parents = List.copyOf(parents);
        }
    }

    /**
     * Fetch from the origin.
     *
     * @param warrant to sign what is read there; empty where nobody gives one
     * @param mayReturn whether a seed peer does it where this host cannot
     */
    record BackToSource(Optional<SignedWarrant> warrant, boolean mayReturn) implements Instruction {}

    /**
     * Read these blocks from the origin, beside what others give.
     *
     * @param warrant to sign them
     */
    record MayRead(OriginGrant grant, SignedWarrant warrant) implements Instruction {}

    /** There is nothing to be had: the origin refused another peer for good, or nobody has it. */
    record GiveUp(CodedException reason) implements Instruction {}

    /** The scheduler is gone, or has forgotten the peer; it is being asked again, and parents may go on. */
    record Lost(String reason) implements Instruction {}

    /** After {@link Lost}: a scheduler knows the peer again. */
    record Found(Registration registration, Integrity integrity) implements Instruction {}
}
