package dev.darter.peer.trust;

import dev.darter.core.DigestBatch;

/** What is to be made of something that a neighbour sent as a proof. */
public sealed interface Verdict {
    /** Its digests hold, and are new. */
    record Good(DigestBatch batch, long generation) implements Verdict {}

    /** It was here before, or adds nothing; nothing is to be done. */
    record Known() implements Verdict {}

    /** It cannot be checked here; whoever sent it may be honest. */
    record Unprovable(String reason) implements Verdict {}

    /** Everybody can see that it is false: whoever sends it lies, since nobody passes on what he did not check. */
    record Forged(String reason) implements Verdict {}

    /**
     * It holds, but for other content than what is known here.
     *
     * @param newer whether it is that which counts from now on
     */
    record OtherContent(boolean newer, long generation, String reason) implements Verdict {}
}
