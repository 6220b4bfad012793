package dev.darter.peer.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.OriginException;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.SignedWarrant;
import dev.darter.peer.fetch.OriginBlocks;
import dev.darter.peer.storage.TaskContent;
import dev.darter.source.SourceRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the blocks of one grant from the origin, on a thread of its own, and signs them. Any thread may close it. */
final class OriginReading implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginReading.class);

    /** What becomes of it; told on its own thread. */
    sealed interface Event {
        /** A block can be read here that could not. */
        record Came(int block) implements Event {}

        /** Always the last one. */
        record Ended(OriginReading reading, OriginWish.Reading how) implements Event {}

        /** There is no place for the bytes; nothing will help. The end follows. */
        record StorageFailed(IOException cause) implements Event {}
    }

    private final Environment env;
    private final TaskContent content;
    private final SourceRequest request;
    private final OriginGrant grant;
    private final SignedWarrant warrant;
    private final Tally tally;
    private final Consumer<Event> out;
    private final Thread thread;

    /** Held while a block is written: an interrupt in that moment would leave it half written with nobody who knows. */
    private final Object storing = new Object();

    @GuardedBy("storing")
    private boolean stopped;

    /** Blocks that came and nobody was told of yet. */
    @GuardedBy("read")
    private final BitSet read = new BitSet();

    /** Of whole blocks that came; for its own thread. */
    private long readBytes;

    /** @param content of which length, cut and header are known */
    OriginReading(
            Environment env,
            TaskContent content,
            SourceRequest request,
            OriginGrant grant,
            SignedWarrant warrant,
            Tally tally,
            Consumer<Event> out) {
        this.env = env;
        this.content = content;
        this.request = request;
        this.grant = grant;
        this.warrant = warrant;
        this.tally = tally;
        this.out = out;
        this.thread =
                Thread.ofVirtual().name("origin-" + content.task().prefix()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Blocks that came since this was asked last. */
    BitSet takeRead() {
        synchronized (read) {
            var taken = (BitSet) read.clone();
            read.clear();
            return taken;
        }
    }

    /** Breaks it off; what came is signed when this returns. */
    @Override
    public void close() {
        synchronized (storing) {
            stopped = true;
            thread.interrupt();
        }
        LastRound.after(thread, () -> {});
    }

    private void run() {
        long began = System.nanoTime();
        OriginWish.Reading how;
        try {
            Thread.sleep(grant.delay());
            // Closed before the end is told: then everything is signed.
            try (var _ = OriginSigner.start(content, env.trust().key(), () -> Optional.of(warrant))) {
                how = fetch();
            }
        } catch (InterruptedException e) {
            how = OriginWish.Reading.NONE;
        }
        LOG.atInfo()
                .addKeyValue("task", content.task())
                .addKeyValue("granted", grant.blocks())
                .addKeyValue("bytes", readBytes)
                .addKeyValue("end", how)
                .log("blocks read from the origin, cost: {}ms", (System.nanoTime() - began) / 1_000_000);
        out.accept(new Event.Ended(this, how));
    }

    private OriginWish.Reading fetch() throws InterruptedException {
        try {
            env.origin().blocks().fetch(content, request, grant.blocks(), tally::origin, this::store);
            return OriginWish.Reading.NONE;
        } catch (OriginBlocks.Unfit e) {
            return broke(OriginWish.Reading.UNFIT, e);
        } catch (OriginException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return broke(e.failure().temporary() ? OriginWish.Reading.FAILED : OriginWish.Reading.UNFIT, e);
        } catch (CodedException e) { // other bytes than somebody signed
            return broke(OriginWish.Reading.UNFIT, e);
        } catch (IOException e) {
            out.accept(new Event.StorageFailed(e));
            return OriginWish.Reading.FAILED;
        }
    }

    private OriginWish.Reading broke(OriginWish.Reading how, RuntimeException reason) {
        LOG.atWarn()
                .addKeyValue("task", content.task())
                .addKeyValue("blocks", grant.blocks())
                .addKeyValue("reason", reason.getMessage())
                .log("blocks were not read from the origin");
        return how;
    }

    private void store(Block block, ByteBuffer bytes) throws IOException, InterruptedException {
        synchronized (storing) {
            if (stopped) {
                throw new InterruptedException("nobody wants it any more");
            }
            if (content.storeFromOrigin(block, bytes)) {
                // Before others hear of it: who reads a whole piece signs its MD5, and nobody else has to compute it.
                content.finishPiece((int) ((long) block.number() * content.blockLength() / content.pieceLength()));
                out.accept(new Event.Came(block.number()));
            }
        }
        readBytes += block.length();
        synchronized (read) {
            read.set(block.number());
        }
    }
}
