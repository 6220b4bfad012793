package dev.darter.peer.task;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.core.BlockRange;
import dev.darter.core.DigestBatch;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.VerifyKey;
import dev.darter.peer.storage.Proofs;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.trust.DigestLists;
import dev.darter.peer.trust.Verdict;
import dev.darter.wire.client.BlockStream;
import dev.darter.wire.map.ProofMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signed digests of one download: what neighbours send is checked, told to storage, and kept there for others. Used by the download's thread
 * alone.
 */
final class TaskProofs {
    private static final int LONGEST_VERSION = 256;
    private static final Logger LOG = LoggerFactory.getLogger(TaskProofs.class);

    /**
     * What came of a neighbour's proofs.
     *
     * @param any whether a digest is known that was not
     * @param wrong blocks whose bytes were here and are others; they are gone
     * @param lie what the neighbour must know to be false
     * @param useless why the neighbour has nothing for us though it does not lie
     */
    record Heard(boolean any, List<Integer> wrong, Optional<String> lie, Optional<String> useless) {
        static final Heard NOTHING = new Heard(false, List.of(), Optional.empty(), Optional.empty());
    }

    private final TaskContent content;
    private final DigestLists lists;
    private final boolean mayBeginAnew;

    /**
     * Takes up what an earlier process, or another part of the download, kept beside the content.
     *
     * @param isScheduler whose warrants count
     * @param leastGeneration content of a lesser one was given up
     * @param mayBeginAnew whether newer content ends the download; else whoever has it is of no use
     */
    TaskProofs(TaskContent content, Predicate<VerifyKey> isScheduler, long leastGeneration, boolean mayBeginAnew)
            throws IOException {
        this.content = content;
        this.lists = new DigestLists(content.task(), isScheduler, leastGeneration);
        this.mayBeginAnew = mayBeginAnew;
        for (Proofs.Proof proof : content.proofs().from(0)) {
            takeUp(proof);
        }
    }

    private void takeUp(Proofs.Proof proof) throws IOException {
        try {
            if (proof.kind() == Proofs.Kind.WARRANT) {
                lists.trust(ProofMapper.readWarrant(proof.raw()));
                return;
            }
            SignedBatch batch = ProofMapper.readBatch(proof.raw());
            lists.trust(batch);
            var _ = prove(batch.batch(), new ArrayList<>());
        } catch (IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("task", content.task())
                    .addKeyValue("reason", e.getMessage())
                    .log("a proof on disk cannot be read; it comes again from others");
        }
    }

    /** Whether nothing is proven. */
    boolean isEmpty() {
        return lists.isEmpty();
    }

    /** @throws OtherContent if the content that is here no longer counts */
    Heard hear(BlockStream.News.Blocks news) throws IOException {
        if (news.warrants().isEmpty() && news.batches().isEmpty()) {
            return Heard.NOTHING;
        }
        for (SignedWarrant warrant : news.warrants()) {
            if (lists.take(warrant) instanceof Verdict.Forged(var reason)) {
                return new Heard(false, List.of(), Optional.of(reason), Optional.empty());
            }
        }
        boolean any = false;
        var wrong = new ArrayList<Integer>();
        Optional<String> useless = Optional.empty();
        for (SignedBatch batch : news.batches()) {
            switch (lists.take(batch)) {
                case Verdict.Known _, Verdict.Unprovable _ -> {}
                case Verdict.Forged(var reason) -> {
                    return new Heard(any, wrong, Optional.of(reason), useless);
                }
                case Verdict.OtherContent(boolean newer, long generation, var reason) ->
                    useless = Optional.of(other(newer, generation, reason));
                case Verdict.Good(var good, long generation) -> {
                    Optional<String> contradiction = prove(good, wrong);
                    if (contradiction.isPresent()) {
                        useless = Optional.of(other(true, generation, contradiction.get()));
                    } else {
                        keep(batch);
                        any = true;
                    }
                }
            }
        }
        return new Heard(any, wrong, Optional.empty(), useless);
    }

    private String other(boolean newer, long generation, String reason) {
        if (newer && mayBeginAnew) {
            throw new OtherContent(generation, reason);
        }
        return reason;
    }

    /** Tells storage; what does not go together with what is known there. */
    private Optional<String> prove(DigestBatch batch, List<Integer> wrong) throws IOException {
        if (batch.contentLength() >= 0 || !batch.header().isEmpty()) {
            OptionalLong length =
                    batch.contentLength() >= 0 ? OptionalLong.of(batch.contentLength()) : OptionalLong.empty();
            if (length.isPresent()
                    && content.length().isPresent()
                    && content.length().getAsLong() != length.getAsLong()) {
                return Optional.of("content length: " + length.getAsLong() + " (expected: "
                        + content.length().getAsLong() + ", as here)");
            }
            content.describe(length, batch.header());
        }
        if (batch.runs().isEmpty() && batch.pieces().isEmpty()) {
            return Optional.empty();
        }
        if (content.blockLength() > 0
                && (content.blockLength() != batch.blockLength() || content.pieceLength() != batch.pieceLength())) {
            return Optional.of("blocks of " + batch.blockLength() + " in pieces of " + batch.pieceLength()
                    + " (expected: " + content.blockLength() + " in " + content.pieceLength() + ", as here)");
        }
        content.cut(batch.blockLength(), batch.pieceLength());
        for (DigestBatch.Run run : batch.runs()) {
            int number = run.first();
            for (Sha256 digest : run.digests()) {
                switch (content.prove(number, digest)) {
                    case NOTED, PUBLISHED, AGREES -> {}
                    case WRONG -> wrong.add(number);
                    case CONTRADICTED -> {
                        return Optional.of("block " + number + ": signed as " + digest
                                + " (expected: what is here, or was signed before)");
                    }
                }
                number++;
            }
        }
        for (DigestBatch.PieceMd5 piece : batch.pieces()) {
            long offset = piece.number() * batch.pieceLength();
            long end = content.length().isPresent()
                    ? Math.min(offset + batch.pieceLength(), content.length().getAsLong())
                    : offset + batch.pieceLength();
            content.note(new Piece(piece.number(), offset, end - offset, Optional.of(piece.md5())), true);
        }
        return Optional.empty();
    }

    /** Kept in the order in which others need them. */
    private void keep(SignedBatch batch) throws IOException {
        content.add(proof(lists.warrantOf(batch).orElseThrow()));
        content.add(proof(batch));
    }

    static Proofs.Proof proof(SignedWarrant warrant) {
        return Proofs.Proof.of(Proofs.Kind.WARRANT, List.of(), warrant.raw());
    }

    static Proofs.Proof proof(SignedBatch batch) {
        return Proofs.Proof.of(
                Proofs.Kind.BATCH,
                batch.batch().runs().stream()
                        .map(run -> new BlockRange(run.first(), run.end()))
                        .toList(),
                batch.raw());
    }

    /** What version the origin said its content has; the hash of a very long one. */
    static String version(Map<String, String> header) {
        String tag = header.getOrDefault("Etag", "");
        String version = tag.isEmpty() ? header.getOrDefault("Last-Modified", "") : tag;
        return version.length() <= LONGEST_VERSION
                ? version
                : Sha256.hash(ByteBuffer.wrap(version.getBytes(UTF_8))).toString();
    }
}
