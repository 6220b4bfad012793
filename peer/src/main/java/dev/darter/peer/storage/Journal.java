package dev.darter.peer.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.core.Sha256;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The append-only record of what is whole in a content file. Every entry carries a checksum; reading stops at the first one that does not
 * fit, so a torn tail is as if it had never been written. Not thread-safe.
 *
 * <p>Form of an entry: type (1 byte), payload length (2 bytes), payload, CRC-32C of all before (4 bytes); big-endian.
 */
final class Journal implements AutoCloseable {
    private static final int FRAME = 1 + 2 + 4;
    private static final int MAX_PAYLOAD = 0xffff;

    /** One fact about the content. */
    sealed interface Entry {
        /** The first entry: how the content is cut. */
        record Cut(int blockLength, long pieceLength) implements Entry {}

        record Length(long bytes) implements Entry {}

        record Header(Map<String, String> header) implements Entry {}

        record Block(int number, int length, Sha256 sha256) implements Entry {}

        /** @param md5 lower-case hex */
        record WholePiece(int number, long offset, long length, String md5) implements Entry {}

        /** The content is whole and was verified. */
        record Complete() implements Entry {}

        /** The process ended in order: nothing that stands before this needs to be read again. Counts only as the last entry. */
        record CleanStop() implements Entry {}
    }

    private final FileChannel file;

    private Journal(FileChannel file) {
        this.file = file;
    }

    /** Opens for appending; what lies after the last good entry is cut off. */
    static Journal open(Path path, List<Entry> read) throws IOException {
        long end = Files.exists(path) ? read(path, read) : 0;
        var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.truncate(end);
        file.position(end);
        return new Journal(file);
    }

    void append(Entry entry) throws IOException {
        byte[] payload = payload(entry);
        if (payload.length > MAX_PAYLOAD) {
            throw new IOException(
                    "journal entry: " + payload.length + " bytes (expected: at most " + MAX_PAYLOAD + ")");
        }
        var bytes = ByteBuffer.allocate(FRAME + payload.length);
        bytes.put(type(entry)).putShort((short) payload.length).put(payload);
        bytes.putInt(checksum(bytes.array(), bytes.position())).flip();
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Adds all good entries to {@code into}; where they end. */
    private static long read(Path path, List<Entry> into) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(path));
        int end = 0;
        while (bytes.remaining() >= FRAME) {
            int start = bytes.position();
            byte type = bytes.get();
            int length = Short.toUnsignedInt(bytes.getShort());
            if (bytes.remaining() < length + 4) {
                break;
            }
            var payload = bytes.slice(bytes.position(), length);
            bytes.position(bytes.position() + length);
            if (bytes.getInt() != checksum(bytes.array(), start, 3 + length)) {
                break;
            }
            try {
                into.add(entry(type, payload));
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                break; // written by nobody we know
            }
            end = bytes.position();
        }
        return end;
    }

    private static byte type(Entry entry) {
        return switch (entry) {
            case Entry.Cut _ -> 1;
            case Entry.Length _ -> 2;
            case Entry.Header _ -> 3;
            case Entry.Block _ -> 4;
            case Entry.WholePiece _ -> 5;
            case Entry.Complete _ -> 6;
            case Entry.CleanStop _ -> 7;
        };
    }

    private static byte[] payload(Entry entry) {
        return switch (entry) {
            case Entry.Cut(int block, long piece) ->
                ByteBuffer.allocate(12).putInt(block).putLong(piece).array();
            case Entry.Length(long bytes) ->
                ByteBuffer.allocate(8).putLong(bytes).array();
            case Entry.Header(var header) -> header(header);
            case Entry.Block(int number, int length, Sha256 sha256) ->
                ByteBuffer.allocate(40)
                        .putInt(number)
                        .putInt(length)
                        .put(sha256.toBytes())
                        .array();
            case Entry.WholePiece(int number, long offset, long length, String md5) -> {
                byte[] hex = md5.getBytes(UTF_8);
                yield ByteBuffer.allocate(20 + hex.length)
                        .putInt(number)
                        .putLong(offset)
                        .putLong(length)
                        .put(hex)
                        .array();
            }
            case Entry.Complete _, Entry.CleanStop _ -> new byte[0];
        };
    }

    private static Entry entry(byte type, ByteBuffer payload) {
        return switch (type) {
            case 1 -> new Entry.Cut(payload.getInt(), payload.getLong());
            case 2 -> new Entry.Length(payload.getLong());
            case 3 -> new Entry.Header(header(payload));
            case 4 -> {
                int number = payload.getInt();
                int length = payload.getInt();
                yield new Entry.Block(number, length, Sha256.of(rest(payload)));
            }
            case 5 -> {
                int number = payload.getInt();
                long offset = payload.getLong();
                long length = payload.getLong();
                yield new Entry.WholePiece(number, offset, length, new String(rest(payload), UTF_8));
            }
            case 6 -> new Entry.Complete();
            case 7 -> new Entry.CleanStop();
            default -> throw new IllegalArgumentException("journal entry type: " + type + " (expected: 1..7)");
        };
    }

    private static byte[] header(Map<String, String> header) {
        var lines = new ArrayList<String>();
        header.forEach((name, value) -> {
            lines.add(name);
            lines.add(value);
        });
        return String.join("\0", lines).getBytes(UTF_8);
    }

    private static Map<String, String> header(ByteBuffer payload) {
        String[] parts = new String(rest(payload), UTF_8).split("\0", -1);
        var header = new HashMap<String, String>();
        for (int i = 0; i + 1 < parts.length; i += 2) {
            header.put(parts[i], parts[i + 1]);
        }
        return header;
    }

    private static byte[] rest(ByteBuffer payload) {
        byte[] rest = new byte[payload.remaining()];
        payload.get(rest);
        return rest;
    }

    private static int checksum(byte[] bytes, int length) {
        return checksum(bytes, 0, length);
    }

    private static int checksum(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
