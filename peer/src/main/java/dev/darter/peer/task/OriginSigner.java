package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.DigestBatch;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.map.ProofMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs what this host reads at an origin, while it reads: whoever takes a block from anybody checks it against that. Runs on a thread of its own;
 * closing signs the rest.
 *
 * <p>One signature covers what came since the last one. The first goes at once; then there is a pause, which grows with the time that the reading
 * takes: everybody verifies each signature once, so their number is what trust costs, and a block that waits for its proof delays only the start
 * and the end of a download. At the end nothing waits.
 *
 * <p>Nothing is signed but what came from the origin in this process. What lay here before is proven already, or is not ours to swear to.
 */
final class OriginSigner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginSigner.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final long LEAST_PAUSE = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final int SHARE = 25;

    private final TaskContent content;
    private final SigningKey key;
    private final Supplier<Optional<SignedWarrant>> warrant;
    private final BitSet done;
    private final BitSet donePieces = new BitSet();
    private final Thread thread;
    private boolean toldHeader;
    private boolean toldLength;
    private volatile boolean over;

    /** Held while something is signed and written: an interrupt in that moment would close the file of the proofs. */
    private final Object signing = new Object();

    private OriginSigner(TaskContent content, SigningKey key, Supplier<Optional<SignedWarrant>> warrant) {
        this.content = content;
        this.key = key;
        this.warrant = warrant;
        this.done = content.provenBlocks();
        if (warrant.get().stream().anyMatch(leave -> !leave.warrant().ranges().isEmpty())) {
            // Who reads a part need not tell again what others have told.
            content.pieces(0, Integer.MAX_VALUE).forEach(piece -> donePieces.set(piece.number()));
        }
        this.thread = Thread.ofVirtual().name("sign-" + content.task().prefix()).unstarted(this::follow);
    }

    /** @param warrant may come while the origin is read; nothing is signed without */
    static OriginSigner start(TaskContent content, SigningKey key, Supplier<Optional<SignedWarrant>> warrant) {
        var signer = new OriginSigner(content, key, warrant);
        signer.thread.start();
        return signer;
    }

    @Override
    public void close() {
        synchronized (signing) {
            over = true;
            thread.interrupt();
        }
        LastRound.after(thread, () -> sign(true));
    }

    private void follow() {
        long began = System.nanoTime();
        long seen = -1;
        try {
            while (!over) {
                seen = content.awaitChange(seen, LOOK);
                boolean any;
                synchronized (signing) {
                    any = !over && sign(false);
                }
                if (any) {
                    long pause = (System.nanoTime() - began) / SHARE;
                    Thread.sleep(Duration.ofNanos(Math.clamp(pause, LEAST_PAUSE, LONGEST_PAUSE)));
                }
            }
        } catch (InterruptedException e) {
            // the origin was read; close() signs what is left
        }
    }

    /** @return whether there was anything to sign */
    private boolean sign(boolean last) {
        Optional<SignedWarrant> leave = warrant.get();
        if (leave.isEmpty()) {
            return false;
        }
        try {
            boolean any = false;
            for (Optional<DigestBatch> next = next(leave.get(), last);
                    next.isPresent();
                    next = next(leave.get(), last)) {
                SignedBatch batch = ProofMapper.sign(key, next.get());
                for (DigestBatch.Run run : next.get().runs()) {
                    for (int i = 0; i < run.digests().size(); i++) {
                        var _ = content.prove(run.first() + i, run.digests().get(i));
                    }
                }
                content.add(TaskProofs.proof(leave.get()));
                content.add(TaskProofs.proof(batch));
                any = true;
            }
            return any;
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("task", content.task())
                    .addKeyValue("reason", e.getMessage())
                    .log("what was read cannot be signed");
            return false;
        }
    }

    private Optional<DigestBatch> next(SignedWarrant leave, boolean last) {
        long length = content.length().orElse(-1);
        List<DigestBatch.Run> runs = runs(leave, length);
        List<DigestBatch.PieceMd5> pieces = runs.isEmpty() && !last ? List.of() : pieces();
        boolean lengthIsNews = length >= 0 && !toldLength && (last || !runs.isEmpty());
        if (runs.isEmpty() && pieces.isEmpty() && !lengthIsNews) {
            return Optional.empty();
        }
        Map<String, String> header = toldHeader ? Map.of() : content.header();
        toldHeader |= !header.isEmpty();
        toldLength |= length >= 0;
        boolean cut = content.blockLength() > 0;
        return Optional.of(new DigestBatch(
                leave.id(),
                TaskProofs.version(content.header()),
                length,
                cut ? content.blockLength() : BlockLength.of(length),
                cut ? content.pieceLength() : PieceLength.of(length),
                header,
                runs,
                pieces));
    }

    private List<DigestBatch.Run> runs(SignedWarrant leave, long length) {
        BitSet fresh = content.originBlocks();
        fresh.andNot(done);
        var runs = new ArrayList<DigestBatch.Run>();
        int first = -1;
        int left = DigestBatch.MOST_BLOCKS;
        var digests = new ArrayList<Sha256>();
        for (int number = fresh.nextSetBit(0); number >= 0 && left > 0; number = fresh.nextSetBit(number + 1)) {
            Optional<Block> block = content.block(number);
            boolean fit = block.isPresent()
                    && (length >= 0 || block.get().length() == content.blockLength())
                    && leave.warrant().covers(number);
            if (!fit) {
                continue;
            }
            if (first >= 0 && number != first + digests.size()) {
                runs.add(new DigestBatch.Run(first, digests));
                digests.clear();
            }
            first = digests.isEmpty() ? number : first;
            digests.add(block.get().sha256());
            done.set(number);
            left--;
        }
        if (!digests.isEmpty()) {
            runs.add(new DigestBatch.Run(first, digests));
        }
        return runs;
    }

    /** MD5s of pieces all of whose blocks are signed. */
    private List<DigestBatch.PieceMd5> pieces() {
        var md5s = new ArrayList<DigestBatch.PieceMd5>();
        for (Piece piece : content.pieces(donePieces.nextClearBit(0), Integer.MAX_VALUE)) {
            int first = (int) (piece.offset() / content.blockLength());
            int end = (int) Math.ceilDiv(piece.end(), (long) content.blockLength());
            boolean ours = !donePieces.get(piece.number())
                    && piece.md5().isPresent()
                    && done.nextClearBit(first) >= end
                    && md5s.size() < DigestBatch.MOST_BLOCKS;
            if (ours) {
                donePieces.set(piece.number());
                md5s.add(new DigestBatch.PieceMd5(piece.number(), piece.md5().get()));
            }
        }
        return md5s;
    }
}
