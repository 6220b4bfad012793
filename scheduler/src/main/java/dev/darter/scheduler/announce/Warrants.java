package dev.darter.scheduler.announce;

import dev.darter.core.BlockRange;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Task;
import dev.darter.wire.map.ProofMapper;
import java.util.List;
import java.util.Optional;

/**
 * Gives those whom this scheduler sends to an origin the right to say what the bytes are. A warrant goes to the reader alone, on the stream or
 * call that sends it there, and names the key that the reader announced: nobody gets one by asking. Any thread may call it.
 *
 * <p><b>No expiry.</b> A batch of digests carries no time that anybody could check, so a reader whose leave ran out could date back; and
 * batches must hold when everybody who signed them is gone. What bounds a warrant is its task and generation: content that is begun anew has a
 * greater one, and a batch of a lesser one never replaces it.
 */
public final class Warrants {
    private final SigningKey key;

    public Warrants(SigningKey key) {
        this.key = key;
    }

    /** Under which peers check what this scheduler signs. */
    public VerifyKey verifyKey() {
        return key.verifyKey();
    }

    /** For a host that is about to read the task's origin; empty when it has told no key: what it reads is then unsigned. */
    public Optional<SignedWarrant> issue(Task task, Host reader) {
        return issue(task, reader, List.of());
    }

    /** For a host that is about to read these blocks of the task's origin, or all if none are named. */
    public Optional<SignedWarrant> issue(Task task, Host reader, List<BlockRange> blocks) {
        return reader.key()
                .map(known -> ProofMapper.sign(key, new Warrant(task.id(), task.generation(), known, blocks)));
    }
}
