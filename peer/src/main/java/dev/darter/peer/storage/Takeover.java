package dev.darter.peer.storage;

import dev.darter.core.BlockLength;
import dev.darter.core.Digest;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes content that upstream's daemon left in a directory ours: reads its {@code metadata}, holds every piece against its MD5, and writes our
 * journal beside it. What upstream wrote stays as it is, so that its daemon can have the directory back.
 *
 * <p>Source: the form of the metadata is what v2.1.28 writes at completion; it writes none for a download that was interrupted.
 */
final class Takeover {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_METADATA = 64 << 20;

    /** A reason for which a directory is not what it claims to be. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private record Piece(int number, long offset, long length, String md5) {}

    private final Path directory;
    private final long length;
    private final List<Piece> pieces;
    private final Map<String, String> header;

    private Takeover(Path directory, long length, List<Piece> pieces, Map<String, String> header) {
        this.directory = directory;
        this.length = length;
        this.pieces = pieces;
        this.header = header;
    }

    /** Whether upstream's daemon left whole content in {@code directory} that is not ours yet. Links are left to their owners. */
    static boolean isPossible(Path directory) {
        return !Files.exists(directory.resolve(DiskContent.JOURNAL))
                && Files.isRegularFile(directory.resolve(DiskContent.METADATA), LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(directory.resolve(DiskContent.DATA), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Reads all of the content, then writes the journal. Runs for as long as the disk needs.
     *
     * @throws Refused if the directory is not whole, or its bytes are not those that its pieces' digests promise
     */
    static void run(Path directory) throws IOException {
        read(directory).write();
    }

    private static Takeover read(Path directory) throws IOException {
        Path file = directory.resolve(DiskContent.METADATA);
        if (Files.size(file) > MAX_METADATA) {
            throw new Refused("metadata: " + Files.size(file) + " bytes (expected: at most " + MAX_METADATA + ")");
        }
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new Refused("metadata: not JSON: " + e.getOriginalMessage());
        }
        if (!root.path("done").asBoolean(false)) {
            throw new Refused("metadata: done: false (expected: whole content)");
        }
        long length = root.path("contentLength").asLong(-1);
        var pieces = new ArrayList<Piece>();
        for (JsonNode piece : root.path("pieces")) {
            JsonNode range = piece.path("range");
            pieces.add(new Piece(
                    piece.path("num").asInt(0),
                    range.path("Start").asLong(-1),
                    range.path("Length").asLong(-1),
                    piece.path("md5").asString("")));
        }
        pieces.sort((one, other) -> Integer.compare(one.number, other.number));
        var header = new LinkedHashMap<String, String>();
        root.path("header").properties().forEach(entry -> {
            if (entry.getValue().isArray() && !entry.getValue().isEmpty()) {
                header.put(entry.getKey(), entry.getValue().get(0).asString(""));
            }
        });
        var takeover = new Takeover(directory, length, pieces, header);
        takeover.checkShape();
        return takeover;
    }

    /** Pieces lie end to end, all but the last of one length that our blocks divide. */
    private void checkShape() throws IOException {
        long size = Files.size(directory.resolve(DiskContent.DATA));
        if (length < 0 || size != length) {
            throw new Refused("data: " + size + " bytes (expected: " + length + ")");
        }
        long end = 0;
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            boolean last = i == pieces.size() - 1;
            boolean fits = piece.number == i
                    && piece.offset == end
                    && piece.length > 0
                    && (last ? piece.length <= pieceLength() : piece.length == pieceLength());
            if (!fits) {
                throw new Refused("piece " + piece.number + ": bytes " + piece.offset + " and " + piece.length
                        + " more (expected: piece " + i + " at " + end + ")");
            }
            if (piece.md5.isEmpty()) {
                throw new Refused("piece " + piece.number + ": no digest (expected: its MD5)");
            }
            end += piece.length;
        }
        if (end != length || pieceLength() % BlockLength.of(length) != 0) {
            throw new Refused("pieces: of " + pieceLength() + " bytes, " + end + " in all (expected: " + length
                    + ", cut at multiples of " + BlockLength.of(length) + ")");
        }
    }

    private long pieceLength() {
        return pieces.size() > 1 ? pieces.getFirst().length : PieceLength.of(length);
    }

    private void write() throws IOException {
        List<Journal.Entry> entries = new ArrayList<>();
        entries.add(new Journal.Entry.Cut(BlockLength.of(length), pieceLength()));
        entries.add(new Journal.Entry.Length(length));
        if (!header.isEmpty()) {
            entries.add(new Journal.Entry.Header(header));
        }
        try (var data = FileChannel.open(directory.resolve(DiskContent.DATA), StandardOpenOption.READ)) {
            var buffer = ByteBuffer.allocate(BlockLength.of(length));
            for (Piece piece : pieces) {
                check(data, piece, buffer, entries);
                entries.add(new Journal.Entry.WholePiece(piece.number, piece.offset, piece.length, piece.md5));
            }
        }
        entries.add(new Journal.Entry.Complete());
        entries.add(new Journal.Entry.CleanStop());
        Path written = directory.resolve(DiskContent.JOURNAL);
        Path temporary = written.resolveSibling(written.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        try (var journal = Journal.open(temporary, new ArrayList<>())) {
            for (Journal.Entry entry : entries) {
                journal.append(entry);
            }
        }
        Files.move(temporary, written);
    }

    /** Reads one piece, block by block: its MD5 must agree, and each block's SHA-256 is what we trust from here on. */
    private void check(FileChannel data, Piece piece, ByteBuffer buffer, List<Journal.Entry> blocks)
            throws IOException {
        MessageDigest md5 = Digest.Algorithm.MD5.newMessageDigest();
        for (long position = piece.offset; position < piece.offset + piece.length; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), piece.offset + piece.length - position));
            while (buffer.hasRemaining()) {
                if (data.read(buffer, position + buffer.position()) < 0) {
                    throw new Refused(
                            "data: ends at " + (position + buffer.position()) + " (expected: " + length + ")");
                }
            }
            md5.update(buffer.flip());
            blocks.add(new Journal.Entry.Block(
                    (int) (position / buffer.capacity()), buffer.limit(), Sha256.hash(buffer.rewind())));
            position += buffer.limit();
        }
        String found = Digest.hex(md5.digest());
        if (!found.equals(piece.md5)) {
            throw new Refused("piece " + piece.number + ": MD5 " + found + " (expected: " + piece.md5 + ")");
        }
    }
}
