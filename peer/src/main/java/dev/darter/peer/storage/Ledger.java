package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.PieceDigests;
import dev.darter.peer.storage.TaskContent.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What is known of one content: what of it is here, how it is cut, where it stands. In memory, and in its journal.
 *
 * <p><b>What a reader sees is what a restart finds.</b> A fact counts when it is in the journal: bytes are written first, then the journal,
 * then the block becomes readable. A piece is listed only while all its blocks are readable.
 *
 * <p><b>Threads.</b> This object's monitor guards the state of the whole content: its own, and that of {@link Claims}, {@link Arrivals} and
 * {@link DiskContent}, which take it when several facts must hold together. Nobody holds it while bytes of the content are read or written;
 * but the journal is written under it, since the order of its entries is the order of events. Waiters are waked by every change; there are
 * few of them.
 */
final class Ledger {
    private final DataFile data;

    @GuardedBy("this")
    private final Journal journal;

    @GuardedBy("this")
    private final BlockTable blocks = new BlockTable();

    @GuardedBy("this")
    private final TreeMap<Integer, Piece> pieces = new TreeMap<>();

    @GuardedBy("this")
    private Layout layout = Layout.UNKNOWN;

    @GuardedBy("this")
    private Map<String, String> header = Map.of();

    @GuardedBy("this")
    private State state = State.PARTIAL;

    @GuardedBy("this")
    private Optional<CodedException> failure = Optional.empty();

    @GuardedBy("this")
    private long version;

    private Ledger(Journal journal, DataFile data) {
        this.journal = journal;
        this.data = data;
    }

    /** Opens an empty one, or what an earlier process wrote. */
    static Ledger open(Path journal, DataFile data) throws IOException {
        var past = new ArrayList<Journal.Entry>();
        var ledger = new Ledger(Journal.open(journal, past), data);
        ledger.replay(past);
        return ledger;
    }

    /**
     * After an unclean stop the journal may tell of bytes that never reached the disk: each block is then in doubt until somebody has hashed it
     * ({@link SecondLook}).
     */
    private synchronized void replay(List<Journal.Entry> past) throws IOException {
        past.forEach(this::apply);
        long there = data.size();
        for (int block = blocks.firstReadable(0); block >= 0; block = blocks.firstReadable(block + 1)) {
            if (layout.start(block) + layout.lengthOf(block) > there) {
                forget(block); // the file is shorter than the journal says
            }
        }
        boolean clean = !past.isEmpty() && past.getLast() instanceof Journal.Entry.CleanStop;
        if (!clean) {
            blocks.doubtAll();
        }
    }

    @GuardedBy("this")
    private void apply(Journal.Entry entry) {
        switch (entry) {
            case Journal.Entry.Cut(int block, long piece) -> layout = new Layout(layout.length(), block, piece);
            case Journal.Entry.Length(long bytes) ->
                layout = new Layout(bytes, layout.blockLength(), layout.pieceLength());
            case Journal.Entry.Header(var known) -> header = Map.copyOf(known);
            case Journal.Entry.Block(int number, int _, var sha256) -> blocks.publish(number, sha256);
            case Journal.Entry.WholePiece(int number, long offset, long bytes, String md5) ->
                pieces.put(
                        number,
                        new Piece(
                                number,
                                offset,
                                bytes,
                                md5.isEmpty() ? Optional.empty() : Optional.of(Digest.md5(md5))));
            case Journal.Entry.Complete _ -> state = State.COMPLETE;
            case Journal.Entry.CleanStop _ -> {} // counts only as the last entry
        }
    }

    // ---- how it is cut

    synchronized Layout layout() {
        return layout;
    }

    synchronized Map<String, String> header() {
        return header;
    }

    /** As {@link TaskContent#describe}. */
    synchronized void describe(OptionalLong length, Map<String, String> newHeader) throws IOException {
        if (length.isPresent()) {
            setLength(length.getAsLong());
        }
        if (header.isEmpty() && !newHeader.isEmpty()) {
            header = Map.copyOf(newHeader);
            journal.append(new Journal.Entry.Header(header));
        }
    }

    @GuardedBy("this")
    private void setLength(long length) throws IOException {
        if (layout.length() == length) {
            return;
        }
        layout = layout.withLength(length);
        journal.append(new Journal.Entry.Length(length));
        data.grow(length);
        change();
    }

    /** Cuts what is not cut yet. */
    synchronized void cut(long pieceLength) throws IOException {
        if (!layout.isCut()) {
            layout = layout.cutInto(pieceLength);
            journal.append(new Journal.Entry.Cut(layout.blockLength(), layout.pieceLength()));
            change();
        }
    }

    // ---- what is here

    @GuardedBy("this")
    BlockTable blocks() {
        return blocks;
    }

    /** A block that is readable. */
    synchronized Optional<Block> block(int number) {
        return blocks.isReadable(number)
                ? blocks.digest(number).map(digest -> new Block(number, layout.lengthOf(number), digest))
                : Optional.empty();
    }

    synchronized long readableBytes() {
        long bytes = (long) blocks.countReadable() * layout.blockLength();
        int last = layout.length() > 0 && layout.blockLength() > 0 ? layout.blockAt(layout.length() - 1) : -1;
        return last >= 0 && blocks.isReadable(last) ? bytes - layout.blockLength() + layout.lengthOf(last) : bytes;
    }

    /**
     * One block more is readable, as the origin has it.
     *
     * @throws CodedException CLIENT_ERROR if it was another before
     */
    synchronized void publishFromOrigin(Journal.Entry.Block block) throws IOException {
        if (!blocks.agrees(block.number(), block.sha256())) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "origin: block " + block.number()
                            + " is another than it was (expected: the content that others have of it)");
        }
        blocks.cameFromOrigin(block.number());
        publish(List.of(block));
    }

    /**
     * Several blocks become readable together.
     *
     * @throws WrongBlock if any is not what the signed lists say; then none does
     */
    synchronized void publish(List<Journal.Entry.Block> more) throws IOException {
        for (Journal.Entry.Block block : more) {
            if (!blocks.agrees(block.number(), block.sha256())) {
                var proven = blocks.proven(block.number()).orElseThrow();
                throw new WrongBlock(new Block(block.number(), block.length(), proven), true);
            }
        }
        for (Journal.Entry.Block block : more) {
            journal.append(block);
            blocks.publish(block.number(), block.sha256());
        }
        change();
    }

    /**
     * A piece is readable in full.
     *
     * @throws CodedException CLIENT_PIECE_DOWNLOAD_FAIL if it is not any more
     */
    synchronized void publish(Piece piece) throws IOException {
        if (!isReadable(piece)) {
            throw new CodedException(
                    ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                    "piece " + piece.number() + ": a block that was here was found damaged (expected: all of them)");
        }
        pieces.put(piece.number(), piece);
        journal.append(new Journal.Entry.WholePiece(
                piece.number(),
                piece.offset(),
                piece.length(),
                piece.md5().map(Digest::hex).orElse("")));
        change();
    }

    /** Whether all its blocks can be read; it may be unlisted all the same. */
    synchronized boolean isReadable(Piece piece) {
        return blocks.areReadable(layout.firstBlock(piece), layout.endBlock(piece));
    }

    /** A block is missing after all, and so is its piece; the next download fetches it. */
    synchronized void forget(int block) {
        blocks.forget(block);
        if (state == State.COMPLETE) {
            state = State.PARTIAL;
        }
        if (layout.isCut()) {
            pieces.remove(layout.pieceOf(block));
        }
        change();
    }

    synchronized void forgetUnproven() {
        blocks.unproven().stream().forEach(this::forget);
        change();
    }

    /** A piece that is listed. */
    synchronized Optional<Piece> piece(int number) {
        return Optional.ofNullable(pieces.get(number));
    }

    synchronized List<Piece> pieces(int from, int limit) {
        return pieces.tailMap(from, true).values().stream().limit(limit).toList();
    }

    synchronized int countPieces() {
        return pieces.size();
    }

    synchronized Optional<String> pieceMd5Sign() {
        boolean all = layout.length() > 0 && pieces.size() == layout.pieces();
        return all
                ? Optional.of(PieceDigests.sign(pieces.values().stream()
                        .map(piece -> piece.md5().map(Digest::hex).orElse(""))
                        .toList()))
                : Optional.empty();
    }

    // ---- where it stands

    synchronized State state() {
        return state;
    }

    synchronized Optional<CodedException> failure() {
        return failure;
    }

    /** @throws CodedException what {@link #fail} was given, if it was called */
    synchronized void checkNotFailed() {
        if (state == State.FAILED) {
            throw failure.orElseThrow();
        }
    }

    /** What has to be written down before the content counts as whole. */
    interface Completion {
        void write(List<Piece> pieces, Map<String, String> header) throws IOException;
    }

    /** As {@link TaskContent#complete}. */
    synchronized void complete(long length, Completion completion) throws IOException {
        if (state == State.COMPLETE) {
            return;
        }
        checkNotFailed();
        setLength(length);
        if (pieces.size() != layout.pieces()) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR, "pieces: " + pieces.size() + " (expected: all " + layout.pieces() + ")");
        }
        data.shrink(length);
        completion.write(List.copyOf(pieces.values()), header);
        journal.append(new Journal.Entry.Complete());
        state = State.COMPLETE;
        change();
    }

    /** As {@link TaskContent#fail}. */
    synchronized void fail(CodedException cause) {
        if (state == State.PARTIAL) {
            state = State.FAILED;
            failure = Optional.of(cause);
            change();
        }
    }

    /** @param clean whether to note that what is here needs no second look; blocks that are still in doubt stay so */
    synchronized void close(boolean clean) throws IOException {
        if (clean && state != State.FAILED && blocks.firstDoubt(0) < 0) {
            data.force();
            journal.append(new Journal.Entry.CleanStop());
        }
        journal.close();
    }

    // ---- who waits

    synchronized void change() {
        version++;
        notifyAll();
    }

    synchronized long version() {
        return version;
    }

    /** Waits until {@link #version} is no longer {@code seen}, or the time is over; the version now. */
    synchronized long awaitChange(long seen, Duration timeout) throws InterruptedException {
        await(() -> versionIsNot(seen), timeout);
        return version;
    }

    private synchronized boolean versionIsNot(long seen) {
        return version != seen;
    }

    /** Something that a change may make true; asked with this monitor held. */
    interface Condition {
        boolean isMet();
    }

    /** Waits until the condition is met, or the time is over; whether it is met. */
    synchronized boolean await(Condition condition, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toNanos();
        while (!condition.isMet()) {
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
        return true;
    }
}
