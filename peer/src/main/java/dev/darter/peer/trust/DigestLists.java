package dev.darter.peer.trust;

import dev.darter.core.DigestBatch;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which signed digests of one task's content count. Used by one thread.
 *
 * <p><b>The chain.</b> A scheduler whose key is known signs a warrant, which names task, reader and blocks; the reader signs batches, which name the
 * warrant by its hash. So a batch holds wherever it comes from, also when everybody who signed is gone. What many neighbours send is verified
 * once: the hash of the signed bytes tells what was here before, and it is looked at before any signature.
 *
 * <p><b>Who is to blame.</b> Everybody checks before he passes on. A signature that does not fit, a warrant of another task and a block outside
 * the warrant are therefore lies of the one who sent them. A warrant of a scheduler that is unknown <em>here</em> is not: the sender may have
 * registered with that one. Nor is other content: the sender may have the older one, and know of no other.
 *
 * <p><b>One content.</b> The first batch fixes version and cut. Of two that do not go together the one of the greater generation counts, and the
 * later one where generations are equal, since a reader that took over then has read something else. Whoever holds the lesser one is of no use
 * here; replaying it changes nothing.
 */
public final class DigestLists {
    private static final int MOST_WARRANTS = 256;

    private final TaskId task;
    private final Predicate<VerifyKey> isScheduler;
    private final long leastGeneration;
    private final Map<Sha256, SignedWarrant> warrants = new HashMap<>();
    private final Set<Sha256> seen = new HashSet<>();
    private Optional<DigestBatch> first = Optional.empty();
    private long contentLength = -1;
    private long generation;

    /**
     * Nothing is known yet.
     *
     * @param isScheduler whose warrants count
     * @param leastGeneration content of a lesser one was given up
     */
    public DigestLists(TaskId task, Predicate<VerifyKey> isScheduler, long leastGeneration) {
        this.task = task;
        this.isScheduler = isScheduler;
        this.leastGeneration = leastGeneration;
    }

    /** Whether no digest is known. */
    public boolean isEmpty() {
        return first.isEmpty();
    }

    public long generation() {
        return generation;
    }

    /** Takes what this host itself checked, or signed, before. */
    public void trust(SignedWarrant warrant) {
        warrants.put(warrant.id(), warrant);
    }

    /** As {@link #trust(SignedWarrant)}; its warrant must have come before. */
    public void trust(SignedBatch batch) {
        SignedWarrant warrant = warrants.get(batch.batch().warrant());
        if (warrant != null && seen.add(batch.id())) {
            note(batch.batch(), warrant.warrant().generation());
        }
    }

    /** Under which a batch is believed. */
    public Optional<SignedWarrant> warrantOf(SignedBatch batch) {
        return Optional.ofNullable(warrants.get(batch.batch().warrant()));
    }

    /** Good is never the answer: a warrant alone proves nothing. Known means that batches under it may come. */
    public Verdict take(SignedWarrant warrant) {
        if (warrants.containsKey(warrant.id())) {
            return new Verdict.Known();
        }
        if (!warrant.warrant().task().equals(task)) {
            return new Verdict.Forged("warrant: for task " + warrant.warrant().task() + " (expected: " + task + ")");
        }
        if (!warrant.isSigned()) {
            return new Verdict.Forged(
                    "warrant: its signature does not fit (expected: that of " + warrant.signer() + ", as it says)");
        }
        if (!isScheduler.test(warrant.signer())) {
            return new Verdict.Unprovable("warrant: signed by " + warrant.signer()
                    + " (expected: a scheduler that this host registered with)");
        }
        if (warrants.size() >= MOST_WARRANTS) {
            return new Verdict.Unprovable("warrant: one more than " + MOST_WARRANTS + " (expected: fewer for a task)");
        }
        warrants.put(warrant.id(), warrant);
        return new Verdict.Known();
    }

    /** What holds is noted at once. */
    public Verdict take(SignedBatch signed) {
        if (seen.contains(signed.id())) {
            return new Verdict.Known();
        }
        DigestBatch batch = signed.batch();
        SignedWarrant warrant = warrants.get(batch.warrant());
        if (warrant == null) {
            return new Verdict.Unprovable("batch: under warrant " + batch.warrant() + " (expected: one that counts)");
        }
        for (DigestBatch.Run run : batch.runs()) {
            for (int block = run.first(); block < run.end(); block++) {
                if (!warrant.warrant().covers(block)) {
                    return new Verdict.Forged("batch: block " + block + " (expected: one within its warrant)");
                }
            }
        }
        if (!signed.isSignedBy(warrant.warrant().reader())) {
            return new Verdict.Forged("batch: its signature does not fit (expected: that of reader "
                    + warrant.warrant().reader() + ")");
        }
        long its = warrant.warrant().generation();
        if (its < leastGeneration) {
            return new Verdict.OtherContent(
                    false, its, "batch: of generation " + its + " (expected: at least " + leastGeneration + ")");
        }
        Optional<String> other = differs(batch);
        if (other.isPresent()) {
            return new Verdict.OtherContent(its >= generation, its, other.get());
        }
        seen.add(signed.id());
        note(batch, its);
        return new Verdict.Good(batch, its);
    }

    private void note(DigestBatch batch, long its) {
        first = first.isPresent() ? first : Optional.of(batch);
        contentLength = batch.contentLength() >= 0 ? batch.contentLength() : contentLength;
        generation = Math.max(generation, its);
    }

    private Optional<String> differs(DigestBatch batch) {
        if (first.isEmpty()) {
            return Optional.empty();
        }
        DigestBatch known = first.get();
        if (!batch.version().equals(known.version())) {
            return Optional.of("version: " + batch.version() + " (expected: " + known.version() + ")");
        }
        if (batch.blockLength() != known.blockLength() || batch.pieceLength() != known.pieceLength()) {
            return Optional.of("blocks of " + batch.blockLength() + " in pieces of " + batch.pieceLength()
                    + " (expected: " + known.blockLength() + " in " + known.pieceLength() + ")");
        }
        return batch.contentLength() >= 0 && contentLength >= 0 && batch.contentLength() != contentLength
                ? Optional.of("content length: " + batch.contentLength() + " (expected: " + contentLength + ")")
                : Optional.empty();
    }
}
