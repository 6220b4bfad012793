package dev.darter.wire.client;

import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.OriginFailure;
import dev.darter.core.OriginGrant;
import dev.darter.core.SignedWarrant;
import java.util.List;
import java.util.Optional;

/** What a scheduler sends to a peer that reports to it. */
public sealed interface Answer {
    /**
     * The parents to use from now on, best first; they replace those of an earlier answer.
     *
     * @param integrity of the task
     */
    record Parents(List<Parent> parents, Integrity integrity) implements Answer {
        public Parents {
            parents = List.copyOf(parents);
        }
    }

    /**
     * Where a parent's gRPC listens, and its peer id.
     *
     * @param darter whether it said that it is one of ours
     * @param elsewhere whether it is at another place than the peer that was answered
     */
    record Parent(String ip, int rpcPort, String peerId, boolean darter, boolean elsewhere) {}

    /**
     * Something else than parents; the origin's answer comes with {@link ErrorCode#BACK_TO_SOURCE_ABORTED}.
     *
     * @param warrant for a peer that is sent to the origin
     * @param mayReturn of such a peer: whether a seed peer does it where this one cannot
     */
    record Coded(ErrorCode code, Optional<OriginFailure> origin, Optional<SignedWarrant> warrant, boolean mayReturn)
            implements Answer {}

    /** Blocks that the peer may read from the origin, with leave to sign them. */
    record Granted(OriginGrant grant, SignedWarrant warrant) implements Answer {}

    /** The stream is over: cleanly, or with what it failed with. Always the last one. */
    record Ended(Optional<RuntimeException> failure) implements Answer {}
}
