package dev.darter.scheduler.swarm;

import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.OriginGrant;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import java.util.List;
import java.util.Optional;

/** What a peer is told by its scheduler. */
public sealed interface Notice {
    /** Whom to fetch from from now on, best first. */
    record Parents(List<Parent> parents) implements Notice {
        public Parents {
            parents = List.copyOf(parents);
        }
    }

    /**
     * One of them.
     *
     * @param darter whether the host is one of ours
     * @param elsewhere whether it is at another place than the peer that is told
     */
    record Parent(PeerId peer, PeerHost host, boolean darter, boolean elsewhere) {}

    /** @param mayReturn whether a seed peer does it where this peer cannot */
    record BackToSource(boolean mayReturn) implements Notice {}

    /** Blocks that it may read from the origin beside what others give it; nothing else changes. */
    record MayRead(OriginGrant grant) implements Notice {}

    /** The peer has to give up. */
    record GiveUp(ErrorCode code, Optional<OriginFailure> origin) implements Notice {}
}
