package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Content of one task in a directory of its own: {@code data} (sparse, blocks at their offsets), {@code journal}, {@code proofs}, and
 * upstream's {@code metadata} once it is whole. It lasts as long as somebody reads it: dropped content goes with its last reader.
 *
 * <p>What it is made of, each with one argument: {@link Ledger} what is here, {@link Claims} who may write where, {@link Arrivals} when a
 * block of another peer may be read, {@link SecondLook} what an earlier process left. The ledger's monitor guards the state of all; this
 * object adds only who reads.
 */
final class DiskContent implements TaskContent {
    static final String DATA = "data";
    static final String JOURNAL = "journal";
    static final String METADATA = "metadata";
    static final String PROOFS = "proofs";

    private final TaskId task;
    private final PeerId peer;
    private final Path directory;
    private final InstantSource clock;
    private final DataFile data;
    private final Proofs proofs;
    private final Ledger ledger;
    private final Claims claims;
    private final Arrivals arrivals;
    private final SecondLook secondLook;
    private final ReaderPositions positions = new ReaderPositions();

    @GuardedBy("ledger")
    private int readers;

    @GuardedBy("ledger")
    private boolean dropped;

    private volatile long touchedAt;

    private DiskContent(TaskId task, PeerId peer, Path directory, DiskPool disk, InstantSource clock)
            throws IOException {
        this.task = task;
        this.peer = peer;
        this.directory = directory;
        this.clock = clock;
        this.proofs = Proofs.open(directory.resolve(PROOFS));
        this.data = DataFile.open(directory.resolve(DATA), disk);
        this.ledger = Ledger.open(directory.resolve(JOURNAL), data);
        this.claims = new Claims(ledger, data);
        this.arrivals = new Arrivals(ledger, claims, data);
        this.secondLook = new SecondLook(ledger, data);
        this.touchedAt = clock.millis();
    }

    /** Makes new content, or takes up what an earlier process left in {@code directory}. */
    static DiskContent open(TaskId task, PeerId peer, Path directory, DiskPool disk, InstantSource clock)
            throws IOException {
        Files.createDirectories(directory);
        return new DiskContent(task, peer, directory, disk, clock);
    }

    /** Whether {@code directory} holds content of ours. */
    static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(JOURNAL)) && Files.isRegularFile(directory.resolve(DATA));
    }

    @Override
    public TaskId task() {
        return task;
    }

    @Override
    public PeerId peer() {
        return peer;
    }

    Path dataFile() {
        return data.path();
    }

    long touchedAt() {
        return touchedAt;
    }

    @Override
    public void touch() {
        touchedAt = clock.millis();
    }

    // ---- what is known of it

    @Override
    public State state() {
        return ledger.state();
    }

    @Override
    public Optional<CodedException> failure() {
        return ledger.failure();
    }

    @Override
    public OptionalLong length() {
        Layout layout = ledger.layout();
        return layout.isLengthKnown() ? OptionalLong.of(layout.length()) : OptionalLong.empty();
    }

    @Override
    public OptionalInt totalPieces() {
        Layout layout = ledger.layout();
        return layout.isLengthKnown() ? OptionalInt.of(layout.pieces()) : OptionalInt.empty();
    }

    @Override
    public int blockLength() {
        return ledger.layout().blockLength();
    }

    @Override
    public long pieceLength() {
        return ledger.layout().pieceLength();
    }

    @Override
    public Map<String, String> header() {
        return ledger.header();
    }

    @Override
    public void describe(OptionalLong length, Map<String, String> header) throws IOException {
        ledger.describe(length, header);
    }

    @Override
    public void cut(int blockLength, long pieceLength) throws IOException {
        ledger.cut(pieceLength);
        ledger.layout().checkIsCutInto(blockLength, pieceLength);
    }

    @Override
    public long version() {
        return ledger.version();
    }

    @Override
    public long awaitChange(long seen, Duration timeout) throws InterruptedException {
        return ledger.awaitChange(seen, timeout);
    }

    // ---- what is here

    @Override
    public long readableBytes() {
        return ledger.readableBytes();
    }

    @Override
    public BitSet readableBlocks() {
        synchronized (ledger) {
            return ledger.blocks().readable();
        }
    }

    @Override
    public Optional<Block> block(int number) {
        return ledger.block(number);
    }

    @Override
    public BitSet provenBlocks() {
        synchronized (ledger) {
            return ledger.blocks().proven();
        }
    }

    @Override
    public boolean isStaged(int block) {
        synchronized (ledger) {
            return ledger.blocks().staged(block).isPresent();
        }
    }

    @Override
    public BitSet originBlocks() {
        synchronized (ledger) {
            return ledger.blocks().fromOrigin();
        }
    }

    @Override
    public List<Piece> pieces(int from, int limit) {
        return ledger.pieces(from, limit);
    }

    @Override
    public int finishedPieces() {
        return ledger.countPieces();
    }

    @Override
    public Optional<String> pieceMd5Sign() {
        return ledger.pieceMd5Sign();
    }

    @Override
    public Proofs proofs() {
        return proofs;
    }

    // ---- what comes

    @Override
    public Claim claim(int number) throws IOException {
        synchronized (ledger) {
            ledger.cut(PieceLength.of(ledger.layout().length()));
            return claims.claim(ledger.layout().piece(number));
        }
    }

    @Override
    public Claim claim(Piece announced) throws IOException {
        synchronized (ledger) {
            ledger.cut(ledger.layout().pieceLengthBy(announced));
            ledger.layout().checkIsPiece(announced);
            return claims.claim(announced);
        }
    }

    @Override
    public Stored store(Block block, ByteBuffer bytes) throws IOException {
        return arrivals.store(block, bytes);
    }

    @Override
    public boolean storeFromOrigin(Block block, ByteBuffer bytes) throws IOException {
        return arrivals.storeFromOrigin(block, bytes);
    }

    @Override
    public Proven prove(int number, Sha256 digest) throws IOException {
        return arrivals.prove(number, digest);
    }

    @Override
    public void note(Piece announced, boolean proof) throws IOException {
        arrivals.note(announced, proof);
    }

    @Override
    public void finishPieces() throws IOException {
        arrivals.finishPieces();
    }

    @Override
    public void finishPiece(int number) throws IOException {
        arrivals.finishPiece(number);
    }

    @Override
    public void add(Proofs.Proof proof) throws IOException {
        proofs.add(proof);
        ledger.change();
    }

    @Override
    public void forgetUnproven() {
        ledger.forgetUnproven();
    }

    @Override
    public void complete(long length) throws IOException {
        ledger.complete(
                length,
                (pieces, header) -> MetadataFile.write(directory.resolve(METADATA), this, pieces, header, length));
    }

    @Override
    public void fail(CodedException cause) {
        ledger.fail(cause);
    }

    // ---- who reads

    @Override
    public Output placing(Placement placement) throws IOException {
        return new Placing(this, read(), placement);
    }

    @Override
    public ContentReader read() throws IOException {
        synchronized (ledger) {
            if (dropped) {
                throw new IOException("task " + task + ": dropped (expected: content that is still held)");
            }
            readers++;
        }
        touch();
        return new DiskContentReader(this, data.channel());
    }

    void readerClosed() {
        boolean last;
        synchronized (ledger) {
            readers--;
            last = dropped && readers == 0;
        }
        touch();
        if (last) {
            delete();
        }
    }

    ReaderPositions positions() {
        return positions;
    }

    @Override
    public List<Integer> awaitedBlocks(int each) {
        if (positions.isEmpty()) {
            return List.of();
        }
        Layout layout;
        BitSet here;
        synchronized (ledger) {
            layout = ledger.layout();
            here = ledger.blocks().readable();
        }
        return layout.isCut() ? positions.nextMissing(here, layout.blockLength(), each, layout.blocks()) : List.of();
    }

    /** Whether these bytes are readable, and no block of them is doubtful. */
    boolean isAtHand(ByteRange bytes) {
        return secondLook.isAtHand(bytes);
    }

    /** Bytes that can be read at {@code position} without a gap; doubtful blocks on the way are checked first. */
    long available(long position) {
        return secondLook.available(position);
    }

    /** Whether no byte will ever come at {@code position}: it lies behind the content. */
    boolean isBehindEnd(long position) {
        return secondLook.isBehindEnd(position);
    }

    @Override
    public boolean verify() {
        return secondLook.verify();
    }

    /** Whether somebody reads or writes it now. */
    boolean isBusy() {
        synchronized (ledger) {
            return readers > 0 || claims.isAnyPieceClaimed();
        }
    }

    // ---- how it ends

    /** Takes the content out of use; its files go when the last reader has closed. */
    void drop() {
        boolean now;
        synchronized (ledger) {
            if (dropped) {
                return;
            }
            dropped = true;
            ledger.fail(new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + task + ": dropped"));
            now = readers == 0;
            ledger.change();
        }
        if (now) {
            delete();
        }
    }

    private void delete() {
        close(false);
        deleteIn(directory);
    }

    /** Removes the files of a task's peer directory, and both directories if nothing else lies in them. */
    static void deleteIn(Path directory) {
        for (String name : List.of(JOURNAL, METADATA, PROOFS, DATA)) {
            deleteQuietly(directory.resolve(name));
        }
        deleteQuietly(directory);
        deleteQuietly(directory.resolveSibling(".").normalize());
    }

    /** @param clean whether to note that what is here needs no second look */
    void close(boolean clean) {
        try {
            ledger.close(clean);
            data.close();
        } catch (IOException e) {
            // The next start takes a second look at everything, which is what it does after any unclean stop.
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Another peer directory of the task lies there, or somebody else's file: neither is ours to remove.
        }
    }
}
