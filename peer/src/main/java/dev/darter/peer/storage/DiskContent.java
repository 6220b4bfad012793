package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.PieceDigests;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Content of one task in a directory of its own: {@code data} (sparse, blocks at their offsets), {@code journal}, and upstream's
 * {@code metadata} once it is whole.
 *
 * <p><b>What may be read.</b> A block is readable when its bit is set. Bits are set after the bytes were written and the journal entry
 * appended, in this order, so what a reader sees is what a restart finds. After a start that follows an unclean stop, bits come from the
 * journal but the bytes may never have reached the disk: such blocks are {@code doubtful}, and each is hashed against its journalled
 * SHA-256 before its first read. One that fails is as
 * if it had never come: its piece is fetched again.
 *
 * <p><b>Threads.</b> This object's monitor guards all state; nobody holds it during I/O on the data file, but the journal is written under it, since
 * the order of its entries is the order of events. Waiters are waked by every change; there are few of them.
 */
final class DiskContent implements TaskContent {
    static final String DATA = "data";
    static final String JOURNAL = "journal";
    static final String METADATA = "metadata";
    static final String PROOFS = "proofs";

    private final TaskId task;
    private final PeerId peer;
    private final Path directory;
    private final DiskPool disk;
    private final InstantSource clock;
    private final FileChannel data;

    @GuardedBy("this")
    private final Journal journal;

    @GuardedBy("this")
    private final BitSet readable = new BitSet();

    @GuardedBy("this")
    private final BitSet doubtful = new BitSet();

    @GuardedBy("this")
    private final DigestTable digests = new DigestTable();

    /** What signed lists say, whether the block is here or not. */
    @GuardedBy("this")
    private final DigestTable proven = new DigestTable();

    /** Blocks whose bytes are in the file, of which nobody knows yet whether they are right: nobody reads them. */
    @GuardedBy("this")
    private final DigestTable staged = new DigestTable();

    /** Blocks that this process read from the origin. */
    @GuardedBy("this")
    private final BitSet fromOrigin = new BitSet();

    /** Pieces that are being held against what others say of them. */
    @GuardedBy("this")
    private final BitSet settling = new BitSet();

    private final Proofs proofs;

    /** Blocks that other peers' bytes are being written to; no piece writer may come near them. */
    @GuardedBy("this")
    private final BitSet storing = new BitSet();

    /** Pieces that others announced, not all of whose blocks are here yet. */
    @GuardedBy("this")
    private final Map<Integer, Piece> noted = new HashMap<>();

    /** As {@link #noted}, where a reader of the origin signed it. */
    @GuardedBy("this")
    private final Map<Integer, Piece> signedMd5s = new HashMap<>();

    @GuardedBy("this")
    private final TreeMap<Integer, Piece> pieces = new TreeMap<>();

    @GuardedBy("this")
    private final Map<Integer, DiskPieceWriter> writers = new HashMap<>();

    @GuardedBy("this")
    private State state = State.PARTIAL;

    @GuardedBy("this")
    private long length = -1;

    @GuardedBy("this")
    private Map<String, String> header = Map.of();

    /** 0 until the first block or piece fixes it. */
    @GuardedBy("this")
    private int blockLength;

    @GuardedBy("this")
    private long pieceLength;

    @GuardedBy("this")
    private long version;

    @GuardedBy("this")
    private int readers;

    @GuardedBy("this")
    private boolean dropped;

    @GuardedBy("this")
    private Optional<CodedException> failure = Optional.empty();

    private final ReaderPositions positions = new ReaderPositions();
    private volatile long touchedAt;

    private DiskContent(
            TaskId task, PeerId peer, Path directory, DiskPool disk, InstantSource clock, List<Journal.Entry> past)
            throws IOException {
        this.task = task;
        this.peer = peer;
        this.directory = directory;
        this.disk = disk;
        this.clock = clock;
        this.journal = Journal.open(directory.resolve(JOURNAL), past);
        this.proofs = Proofs.open(directory.resolve(PROOFS));
        this.data = FileChannel.open(
                directory.resolve(DATA), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        touch();
    }

    /** Makes new content, or takes up what an earlier process left in {@code directory}. */
    static DiskContent open(TaskId task, PeerId peer, Path directory, DiskPool disk, InstantSource clock)
            throws IOException {
        Files.createDirectories(directory);
        var past = new ArrayList<Journal.Entry>();
        var content = new DiskContent(task, peer, directory, disk, clock, past);
        content.replay(past);
        return content;
    }

    /** Whether {@code directory} holds content of ours. */
    static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(JOURNAL)) && Files.isRegularFile(directory.resolve(DATA));
    }

    @GuardedBy("this")
    private void apply(Journal.Entry entry) {
        switch (entry) {
            case Journal.Entry.Cut(int block, long piece) -> {
                blockLength = block;
                pieceLength = piece;
            }
            case Journal.Entry.Length(long bytes) -> length = bytes;
            case Journal.Entry.Header(var known) -> header = Map.copyOf(known);
            case Journal.Entry.Block(int number, int _, Sha256 sha256) -> {
                readable.set(number);
                digests.put(number, sha256);
            }
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

    private synchronized void replay(List<Journal.Entry> past) throws IOException {
        past.forEach(this::apply);
        boolean clean = !past.isEmpty() && past.getLast() instanceof Journal.Entry.CleanStop;
        long there = data.size();
        for (int block = readable.nextSetBit(0); block >= 0; block = readable.nextSetBit(block + 1)) {
            if ((long) block * blockLength + lengthOfBlock(block) > there) {
                forget(block); // the file is shorter than the journal says
            }
        }
        if (!clean && state != State.FAILED) {
            doubtful.or(readable);
        }
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
        return directory.resolve(DATA);
    }

    Path directory() {
        return directory;
    }

    long touchedAt() {
        return touchedAt;
    }

    @Override
    public void touch() {
        touchedAt = clock.millis();
    }

    @Override
    public synchronized State state() {
        return state;
    }

    @Override
    public synchronized OptionalLong length() {
        return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    }

    @Override
    public synchronized OptionalInt totalPieces() {
        return length < 0 ? OptionalInt.empty() : OptionalInt.of(countPieces());
    }

    @GuardedBy("this")
    private int countPieces() {
        long each = pieceLength > 0 ? pieceLength : PieceLength.of(length);
        return Math.toIntExact(Math.ceilDiv(length, each));
    }

    @Override
    public synchronized Map<String, String> header() {
        return header;
    }

    @Override
    public synchronized long readableBytes() {
        long bytes = (long) readable.cardinality() * blockLength;
        int last = length > 0 && blockLength > 0 ? (int) ((length - 1) / blockLength) : -1;
        return last >= 0 && readable.get(last) ? bytes - blockLength + lengthOfBlock(last) : bytes;
    }

    @Override
    public synchronized void describe(OptionalLong newLength, Map<String, String> newHeader) throws IOException {
        if (newLength.isPresent() && length != newLength.getAsLong()) {
            setLength(newLength.getAsLong());
        }
        if (header.isEmpty() && !newHeader.isEmpty()) {
            header = Map.copyOf(newHeader);
            journal.append(new Journal.Entry.Header(header));
        }
    }

    @GuardedBy("this")
    private void setLength(long newLength) throws IOException {
        if (length >= 0) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "content length: " + newLength + " (expected: " + length + ", as it was before)");
        }
        length = newLength;
        journal.append(new Journal.Entry.Length(length));
        // Sparse: a reader or a full disk meets a file of the right size from the start.
        if (data.size() < length) {
            try (var file = new RandomAccessFile(dataFile().toFile(), "rw")) {
                file.setLength(length);
            }
        }
        change();
    }

    @Override
    public synchronized Claim claim(int number) throws IOException {
        fixCut(PieceLength.of(length));
        long offset = number * pieceLength;
        long bytes = length < 0 ? pieceLength : Math.min(pieceLength, length - offset);
        return claim(number, offset, bytes);
    }

    @Override
    public synchronized Claim claim(Piece announced) throws IOException {
        if (pieceLength == 0) {
            fixCut(cutOf(announced));
        }
        long end = length < 0 ? announced.end() : Math.min(length, announced.offset() + pieceLength);
        boolean fits = announced.offset() == announced.number() * pieceLength
                && announced.length() > 0
                && announced.length() <= pieceLength
                && announced.end() == end;
        if (!fits) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece " + announced.number() + ": bytes " + announced.offset() + ".." + announced.end()
                            + " (expected: pieces of " + pieceLength + " in content of " + length + ")");
        }
        return claim(announced.number(), announced.offset(), announced.length());
    }

    /** What one announced piece says of the length of all. */
    @GuardedBy("this")
    private long cutOf(Piece piece) {
        if (piece.number() > 0) {
            return piece.offset() / piece.number();
        }
        boolean onlyOne = length >= 0 && piece.length() == length;
        return onlyOne ? PieceLength.of(length) : piece.length();
    }

    @GuardedBy("this")
    private void fixCut(long newPieceLength) throws IOException {
        if (pieceLength > 0) {
            return;
        }
        int newBlockLength = BlockLength.of(length);
        if (newPieceLength <= 0 || newPieceLength % newBlockLength != 0) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece length: " + newPieceLength + " (expected: a multiple of " + newBlockLength + ")");
        }
        pieceLength = newPieceLength;
        blockLength = newBlockLength;
        journal.append(new Journal.Entry.Cut(blockLength, pieceLength));
        change();
    }

    @GuardedBy("this")
    private Claim claim(int number, long offset, long bytes) {
        if (state == State.FAILED) {
            throw failure.orElseThrow();
        }
        Piece whole = pieces.get(number);
        if (whole != null) {
            return new Claim.Stored(whole);
        }
        DiskPieceWriter other = writers.get(number);
        if (other != null) {
            return new Claim.InFlight(timeout -> awaitEnd(number, other, timeout));
        }
        int first = (int) (offset / blockLength);
        int end = (int) Math.ceilDiv(offset + bytes, blockLength);
        int stored = storing.nextSetBit(first);
        if (stored >= 0 && stored < end) {
            return new Claim.InFlight(timeout -> awaitStored(first, end, timeout));
        }
        var kept = new BitSet();
        kept.or(readable);
        staged.removeAll(first, end); // the writer writes over them
        var writer = new DiskPieceWriter(this, number, offset, bytes, blockLength, kept);
        writers.put(number, writer);
        return new Claim.Mine(writer);
    }

    private boolean awaitStored(int first, int end, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toNanos();
        synchronized (this) {
            while (storing.nextSetBit(first) >= 0 && storing.nextSetBit(first) < end) {
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = deadline - System.nanoTime();
            }
            return true;
        }
    }

    @Override
    public synchronized int blockLength() {
        return blockLength;
    }

    @Override
    public synchronized long pieceLength() {
        return pieceLength;
    }

    @Override
    public synchronized void cut(int newBlockLength, long newPieceLength) throws IOException {
        if (pieceLength == 0) {
            fixCut(newPieceLength);
        }
        if (newBlockLength != blockLength || newPieceLength != pieceLength) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "blocks of " + newBlockLength + " in pieces of " + newPieceLength + " (expected: " + blockLength
                            + " in " + pieceLength + ", as here)");
        }
    }

    @Override
    public synchronized BitSet readableBlocks() {
        return (BitSet) readable.clone();
    }

    @Override
    public synchronized Optional<Block> block(int number) {
        return readable.get(number)
                ? digests.get(number).map(digest -> new Block(number, lengthOfBlock(number), digest))
                : Optional.empty();
    }

    @Override
    public Stored store(Block block, ByteBuffer bytes) throws IOException {
        Optional<Sha256> expected;
        synchronized (this) {
            if (state == State.FAILED) {
                throw failure.orElseThrow();
            }
            checkFits(block, bytes.remaining());
            boolean taken = readable.get(block.number())
                    || storing.get(block.number())
                    || writers.containsKey((int) ((long) block.number() * blockLength / pieceLength));
            if (taken) {
                return Stored.HERE;
            }
            storing.set(block.number());
            expected = proven.get(block.number());
        }
        try {
            Sha256 actual = disk.run(() -> writeVerified(block, expected, bytes));
            boolean readableNow = arrived(block, actual);
            settle((int) ((long) block.number() * blockLength() / pieceLength()));
            return readableNow || isReadable(block.number()) ? Stored.NEW : Stored.STAGED;
        } finally {
            synchronized (this) {
                storing.clear(block.number());
                change();
            }
        }
    }

    @GuardedBy("this")
    private void checkFits(Block block, int bytes) {
        boolean behindEnd = length >= 0 && (long) block.number() * blockLength >= length;
        if (blockLength == 0
                || behindEnd
                || bytes != block.length()
                || (length >= 0 && bytes != lengthOfBlock(block.number()))) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "block " + block.number() + ": " + bytes + " bytes (expected: a block of content of " + length
                            + ")");
        }
    }

    /** Nothing reaches the file whose digest is known to be wrong. */
    private Sha256 writeVerified(Block block, Optional<Sha256> expected, ByteBuffer bytes) throws IOException {
        Sha256 actual = Sha256.hash(bytes);
        if (expected.isPresent() && !actual.equals(expected.get())) {
            throw new WrongBlock(new Block(block.number(), block.length(), expected.get()), true);
        }
        if (expected.isEmpty() && block.isClaimed() && !actual.equals(block.sha256())) {
            throw new WrongBlock(block, false);
        }
        long at = (long) block.number() * blockLength();
        while (bytes.hasRemaining()) {
            at += data.write(bytes, at);
        }
        return actual;
    }

    /** The bytes are in the file; whether they may be read. A list may have come while they were written. */
    private synchronized boolean arrived(Block block, Sha256 actual) throws IOException {
        Optional<Sha256> expected = proven.get(block.number());
        if (expected.isEmpty()) {
            staged.put(block.number(), actual);
            return false;
        }
        if (!expected.get().equals(actual)) {
            throw new WrongBlock(new Block(block.number(), block.length(), expected.get()), true);
        }
        publish(new Journal.Entry.Block(block.number(), block.length(), actual));
        return true;
    }

    private synchronized boolean isReadable(int block) {
        return readable.get(block);
    }

    @Override
    public synchronized Proven prove(int number, Sha256 digest) throws IOException {
        Optional<Sha256> before = proven.get(number);
        if (before.isPresent() && !before.get().equals(digest)) {
            return Proven.CONTRADICTED;
        }
        if (readable.get(number) && !digests.get(number).equals(Optional.of(digest))) {
            return Proven.CONTRADICTED;
        }
        proven.put(number, digest);
        if (readable.get(number)) {
            return Proven.AGREES;
        }
        Optional<Sha256> waiting = staged.get(number);
        if (waiting.isEmpty()) {
            return Proven.NOTED;
        }
        staged.remove(number);
        if (!waiting.get().equals(digest)) {
            change();
            return Proven.WRONG;
        }
        publish(new Journal.Entry.Block(number, lengthOfBlock(number), digest));
        listPiece((int) ((long) number * blockLength / pieceLength));
        return Proven.PUBLISHED;
    }

    @Override
    public synchronized BitSet provenBlocks() {
        return proven.numbers();
    }

    @Override
    public synchronized boolean isStaged(int block) {
        return staged.get(block).isPresent();
    }

    @Override
    public synchronized BitSet originBlocks() {
        return (BitSet) fromOrigin.clone();
    }

    @Override
    public Proofs proofs() {
        return proofs;
    }

    @Override
    public void add(Proofs.Proof proof) throws IOException {
        proofs.add(proof);
        synchronized (this) {
            change();
        }
    }

    @Override
    public synchronized void forgetUnproven() {
        BitSet unproven = (BitSet) readable.clone();
        unproven.andNot(proven.numbers());
        for (int block = unproven.nextSetBit(0); block >= 0; block = unproven.nextSetBit(block + 1)) {
            forget(block);
        }
        change();
    }

    @Override
    public void note(Piece announced, boolean proof) throws IOException {
        if (noteIfFits(announced, proof)) {
            settle(announced.number());
        }
    }

    private synchronized boolean noteIfFits(Piece announced, boolean proof) throws IOException {
        if (announced.md5().isEmpty() || pieces.containsKey(announced.number())) {
            return false;
        }
        long end = announced.offset() + announced.length();
        if (pieceLength == 0
                || announced.offset() != announced.number() * pieceLength
                || announced.length() > pieceLength
                || (length >= 0 && end > length)) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece " + announced.number() + ": bytes " + announced.offset() + ".." + end
                            + " (expected: pieces of " + pieceLength + " in content of " + length + ")");
        }
        if (proof) {
            signedMd5s.put(announced.number(), announced);
            listPiece(announced.number());
            return false;
        }
        noted.put(announced.number(), announced);
        return true;
    }

    /** Lists a piece that is now whole, if its MD5 is signed. */
    @GuardedBy("this")
    private void listPiece(int number) throws IOException {
        Piece piece = signedMd5s.get(number);
        if (piece != null && !pieces.containsKey(number) && isReadable(piece)) {
            signedMd5s.remove(number);
            noted.remove(number);
            publish(piece);
        }
    }

    @GuardedBy("this")
    private boolean isReadable(Piece piece) {
        int end = (int) Math.ceilDiv(piece.offset() + piece.length(), blockLength);
        return readable.nextClearBit((int) (piece.offset() / blockLength)) >= end;
    }

    /**
     * Holds a piece that came block by block, from whomever, against the MD5 that others told: only together they count.
     *
     * @throws WrongPiece if it is another; what was not proven of it is thrown away
     */
    private void settle(int number) throws IOException {
        Piece piece;
        synchronized (this) {
            listPiece(number);
            piece = noted.get(number);
            if (piece == null || pieces.containsKey(number) || settling.get(number) || !isWholeInFile(piece)) {
                return;
            }
            settling.set(number);
        }
        try {
            Digest actual = disk.run(() -> md5(piece.offset(), piece.length()));
            synchronized (this) {
                settled(piece, actual);
            }
        } finally {
            synchronized (this) {
                settling.clear(number);
            }
        }
    }

    @GuardedBy("this")
    private boolean isWholeInFile(Piece piece) {
        int end = (int) Math.ceilDiv(piece.offset() + piece.length(), blockLength);
        for (int block = (int) (piece.offset() / blockLength); block < end; block++) {
            if (!readable.get(block) && staged.get(block).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    @GuardedBy("this")
    private void settled(Piece piece, Digest actual) throws IOException {
        if (pieces.containsKey(piece.number()) || !isWholeInFile(piece)) {
            return; // a list came meanwhile, and told more
        }
        noted.remove(piece.number());
        int first = (int) (piece.offset() / blockLength);
        int end = (int) Math.ceilDiv(piece.offset() + piece.length(), blockLength);
        if (isReadable(piece)) {
            publish(new Piece(piece.number(), piece.offset(), piece.length(), Optional.of(actual)));
        } else if (piece.md5().equals(Optional.of(actual))) {
            List<Journal.Entry.Block> blocks = new ArrayList<>();
            for (int block = first; block < end; block++) {
                int number = block;
                staged.get(block)
                        .ifPresent(
                                digest -> blocks.add(new Journal.Entry.Block(number, lengthOfBlock(number), digest)));
            }
            staged.removeAll(first, end);
            publish(blocks);
            publish(piece);
        } else {
            staged.removeAll(first, end);
            change();
            throw new WrongPiece(piece, actual);
        }
    }

    @Override
    public void finishPieces() throws IOException {
        while (true) {
            Piece open;
            synchronized (this) {
                if (length < 0 || pieceLength == 0) {
                    return;
                }
                int number = 0;
                while (pieces.containsKey(number)) {
                    number++;
                }
                if (number >= countPieces()) {
                    return;
                }
                long offset = number * pieceLength;
                long bytes = Math.min(pieceLength, length - offset);
                if (readable.nextClearBit((int) (offset / blockLength)) < Math.ceilDiv(offset + bytes, blockLength)) {
                    return;
                }
                open = new Piece(number, offset, bytes, Optional.empty());
            }
            Digest md5 = disk.run(() -> md5(open.offset(), open.length()));
            publish(new Piece(open.number(), open.offset(), open.length(), Optional.of(md5)));
        }
    }

    private Digest md5(long position, long bytes) throws IOException {
        var digest = Digest.Algorithm.MD5.newMessageDigest();
        var buffer = ByteBuffer.allocate(BlockLength.SMALL);
        for (long done = 0; done < bytes; done += buffer.position()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - done));
            if (data.read(buffer, position + done) <= 0) {
                throw new IOException("task " + task + ": its file is shorter than it was");
            }
            digest.update(buffer.array(), 0, buffer.position());
        }
        return Digest.md5(Digest.hex(digest.digest()));
    }

    /** Work of a piece writer; runs on the disk's threads. */
    void run(Runnable work) throws IOException {
        disk.run(() -> {
            work.run();
            return true;
        });
    }

    private boolean awaitEnd(int number, DiskPieceWriter writer, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toNanos();
        synchronized (this) {
            while (writers.get(number) == writer) {
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = deadline - System.nanoTime();
            }
            return true;
        }
    }

    /** A writer is done, well or not; its claim is free again. */
    synchronized void release(DiskPieceWriter writer) {
        if (writers.remove(writer.number(), writer)) {
            change();
        }
    }

    /** Bytes at their place; runs on the disk's threads. */
    void write(ByteBuffer bytes, long position, Runnable alsoDo) throws IOException {
        disk.run(() -> {
            long at = position;
            int start = bytes.position();
            while (bytes.hasRemaining()) {
                at += data.write(bytes, at);
            }
            bytes.position(start);
            alsoDo.run();
            bytes.position(bytes.limit());
            return true;
        });
    }

    /**
     * One block more is readable, as the origin has it.
     *
     * @throws CodedException CLIENT_ERROR if it was another before
     */
    synchronized void publishFromOrigin(Journal.Entry.Block block) throws IOException {
        if (!agrees(block)) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "origin: block " + block.number()
                            + " is another than it was (expected: the content that others have of it)");
        }
        fromOrigin.set(block.number());
        publish(List.of(block));
    }

    @GuardedBy("this")
    private boolean agrees(Journal.Entry.Block block) {
        return proven.get(block.number())
                .map(digest -> digest.equals(block.sha256()))
                .orElse(true);
    }

    /** @throws WrongBlock if any is not what the signed lists say */
    synchronized void check(List<Journal.Entry.Block> blocks) {
        for (Journal.Entry.Block block : blocks) {
            if (!agrees(block)) {
                throw new WrongBlock(
                        new Block(
                                block.number(),
                                block.length(),
                                proven.get(block.number()).orElseThrow()),
                        true);
            }
        }
    }

    synchronized void publish(Journal.Entry.Block block) throws IOException {
        publish(List.of(block));
    }

    /** Several blocks become readable together. */
    synchronized void publish(List<Journal.Entry.Block> blocks) throws IOException {
        for (Journal.Entry.Block block : blocks) {
            journal.append(block);
            readable.set(block.number());
            doubtful.clear(block.number());
            digests.put(block.number(), block.sha256());
            staged.remove(block.number());
        }
        change();
    }

    /** A piece is readable in full. */
    synchronized void publish(Piece piece) throws IOException {
        int end = (int) Math.ceilDiv(piece.end(), blockLength);
        if (readable.nextClearBit((int) (piece.offset() / blockLength)) < end) {
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

    /** The length of the content while it is unknown is the end of the piece that came up short. */
    synchronized boolean lengthIsKnown() {
        return length >= 0;
    }

    @Override
    public synchronized List<Piece> pieces(int from, int limit) {
        return pieces.tailMap(from, true).values().stream().limit(limit).toList();
    }

    @Override
    public synchronized int finishedPieces() {
        return pieces.size();
    }

    @Override
    public synchronized Optional<String> pieceMd5Sign() {
        boolean all = length > 0 && pieces.size() == countPieces();
        return all
                ? Optional.of(PieceDigests.sign(pieces.values().stream()
                        .map(piece -> piece.md5().map(Digest::hex).orElse(""))
                        .toList()))
                : Optional.empty();
    }

    @Override
    public synchronized void complete(long total) throws IOException {
        if (state == State.COMPLETE) {
            return;
        }
        if (state == State.FAILED) {
            throw failure.orElseThrow();
        }
        if (length != total) {
            setLength(total);
        }
        if (pieces.size() != countPieces()) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR, "pieces: " + pieces.size() + " (expected: all " + countPieces() + ")");
        }
        if (data.size() != total) {
            data.truncate(total);
        }
        MetadataFile.write(directory.resolve(METADATA), this, List.copyOf(pieces.values()), header, total);
        journal.append(new Journal.Entry.Complete());
        state = State.COMPLETE;
        change();
    }

    @Override
    public synchronized void fail(CodedException cause) {
        if (state != State.PARTIAL) {
            return;
        }
        state = State.FAILED;
        failure = Optional.of(cause);
        change();
    }

    @Override
    public synchronized Optional<CodedException> failure() {
        return failure;
    }

    @Override
    public synchronized long version() {
        return version;
    }

    @Override
    public long awaitChange(long seen, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toNanos();
        synchronized (this) {
            while (version == seen && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = deadline - System.nanoTime();
            }
            return version;
        }
    }

    @Override
    public Output placing(Placement placement) throws IOException {
        return new Placing(this, read(), placement);
    }

    @Override
    public synchronized ContentReader read() throws IOException {
        if (dropped) {
            throw new IOException("task " + task + ": dropped (expected: content that is still held)");
        }
        readers++;
        touch();
        return new DiskContentReader(this, data);
    }

    ReaderPositions positions() {
        return positions;
    }

    @Override
    public List<Integer> awaitedBlocks(int each) {
        if (positions.isEmpty()) {
            return List.of();
        }
        BitSet here;
        int size;
        long end;
        synchronized (this) {
            if (blockLength == 0) {
                return List.of();
            }
            here = (BitSet) readable.clone();
            size = blockLength;
            end = length >= 0 ? (length + size - 1) / size : Integer.MAX_VALUE;
        }
        return positions.nextMissing(here, size, each, (int) end);
    }

    void readerClosed() {
        boolean last;
        synchronized (this) {
            readers--;
            last = dropped && readers == 0;
        }
        touch();
        if (last) {
            delete();
        }
    }

    /** Whether somebody reads or writes it now. */
    synchronized boolean isBusy() {
        return readers > 0 || !writers.isEmpty();
    }

    /** Whether these bytes are readable, and no block of them is doubtful. */
    synchronized boolean isAtHand(ByteRange bytes) {
        if (state == State.FAILED || blockLength == 0 || bytes.length() == 0) {
            return false;
        }
        int first = (int) (bytes.start() / blockLength);
        int last = (int) ((bytes.end() - 1) / blockLength);
        int doubt = doubtful.nextSetBit(first);
        return readable.nextClearBit(first) > last && (doubt < 0 || doubt > last);
    }

    /** Bytes that can be read at {@code position} without a gap; doubtful blocks on the way are checked first. */
    long available(long position) {
        while (true) {
            int suspect;
            long bytes;
            synchronized (this) {
                if (state == State.FAILED || blockLength == 0 || position < 0) {
                    return 0;
                }
                int first = (int) (position / blockLength);
                if (!readable.get(first)) {
                    return 0;
                }
                int doubt = doubtful.nextSetBit(first);
                int gap = readable.nextClearBit(first);
                int end = doubt >= 0 ? Math.min(doubt, gap) : gap;
                suspect = doubt == first ? first : -1;
                bytes = bytesUpTo(end) - position;
            }
            if (suspect < 0) {
                return Math.max(0, bytes);
            }
            check(suspect);
        }
    }

    /** End of the block before {@code block}, within the content. */
    @GuardedBy("this")
    private long bytesUpTo(int block) {
        long end = (long) block * blockLength;
        return length >= 0 ? Math.min(end, length) : end;
    }

    /** Hashes one block that an earlier process journalled, and forgets it when the bytes are others. */
    private void check(int block) {
        Optional<Sha256> expected;
        int bytes;
        synchronized (this) {
            expected = digests.get(block);
            bytes = lengthOfBlock(block);
        }
        boolean good;
        try {
            good = expected.equals(Optional.of(disk.run(() -> hash((long) block * blockLength(), bytes))));
        } catch (IOException e) {
            good = false;
        }
        synchronized (this) {
            doubtful.clear(block);
            if (!good) {
                forget(block);
                change();
            }
        }
    }

    private Sha256 hash(long position, int bytes) throws IOException {
        var buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (data.read(buffer, position + buffer.position()) < 0) {
                break;
            }
        }
        return Sha256.hash(buffer.flip());
    }

    @GuardedBy("this")
    private int lengthOfBlock(int block) {
        long start = (long) block * blockLength;
        return (int) (length >= 0 ? Math.min(blockLength, length - start) : blockLength);
    }

    @GuardedBy("this")
    private void forget(int block) {
        readable.clear(block);
        digests.remove(block);
        if (state == State.COMPLETE) {
            state = State.PARTIAL; // the next download fetches what is missing
        }
        if (pieceLength > 0) {
            pieces.remove((int) ((long) block * blockLength / pieceLength));
        }
    }

    @Override
    public boolean verify() {
        for (long position = 0; !isBehindEnd(position); ) {
            long bytes = available(position);
            if (bytes <= 0) {
                return false;
            }
            position += bytes;
        }
        return state() == State.COMPLETE;
    }

    /** Whether no byte will ever come at {@code position}: it lies behind the content, or the content is over. */
    synchronized boolean isBehindEnd(long position) {
        return state == State.COMPLETE ? position >= length : length >= 0 && position >= length;
    }

    /** Takes the content out of use; its files go when the last reader has closed. */
    void drop() {
        boolean now;
        synchronized (this) {
            if (dropped) {
                return;
            }
            dropped = true;
            if (state == State.PARTIAL) {
                state = State.FAILED;
                failure = Optional.of(new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + task + ": dropped"));
            }
            now = readers == 0;
            change();
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
    synchronized void close(boolean clean) {
        try {
            // Blocks that are still in doubt stay so: the note would clear them.
            if (clean && state != State.FAILED && doubtful.isEmpty()) {
                data.force(false);
                journal.append(new Journal.Entry.CleanStop());
            }
            journal.close();
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

    @GuardedBy("this")
    private void change() {
        version++;
        notifyAll();
    }
}
