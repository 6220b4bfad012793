package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.BlockRange;
import dev.darter.core.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What others need to believe the blocks of one content, beside its journal: as it travels, in the order in which it came. Storage does not look
 * into it; only what was checked is added. The file is made with the first entry; reading stops at the first entry whose checksum does not fit.
 * Any thread may call it.
 *
 * <p>Form of an entry: kind (1 byte), number of ranges (2), bytes (4), ranges (2 × 4 each), the bytes, CRC-32C of all before (4); big-endian.
 */
public final class Proofs {
    private static final int FRAME = 1 + 2 + 4 + 4;
    private static final int MOST_BYTES = 512 << 10;
    private static final int MOST_RANGES = 4096;

    /** What an entry is; in the order of their numbers in the file. */
    public enum Kind {
        WARRANT,
        BATCH,
        /** Nothing that travels: every block of the content is proven by what comes before. */
        WHOLE
    }

    /**
     * One thing that proves something.
     *
     * @param id of the bytes
     * @param blocks that it proves
     * @param raw as it travels
     */
    @SuppressWarnings("ArrayRecordComponent") // never looked into, compared by id
    public record Proof(Kind kind, Sha256 id, List<BlockRange> blocks, byte[] raw) {
        public Proof {
            blocks = List.copyOf(blocks);
            if (raw.length > MOST_BYTES || blocks.size() > MOST_RANGES) {
                throw new IllegalArgumentException("proof: " + raw.length + " bytes for " + blocks.size()
                        + " ranges (expected: at most " + MOST_BYTES + " for " + MOST_RANGES + ")");
            }
        }

        public static Proof of(Kind kind, List<BlockRange> blocks, byte[] raw) {
            return new Proof(kind, Sha256.hash(ByteBuffer.wrap(raw)), blocks, raw);
        }
    }

    private final Path path;

    @GuardedBy("this")
    private final List<Proof> all = new ArrayList<>();

    @GuardedBy("this")
    private final Set<Sha256> ids = new HashSet<>();

    /** Where the next entry goes. */
    @GuardedBy("this")
    private long end;

    @GuardedBy("this")
    private boolean whole;

    private Proofs(Path path) {
        this.path = path;
    }

    /** What an earlier process wrote. */
    static Proofs open(Path path) throws IOException {
        var proofs = new Proofs(path);
        if (Files.exists(path)) {
            proofs.read(Files.readAllBytes(path));
        }
        return proofs;
    }

    /** All from the given one on, in their order. */
    public synchronized List<Proof> from(int first) {
        return first >= all.size() ? List.of() : List.copyOf(all.subList(first, all.size()));
    }

    /** Whether every block of the content is proven; said by whoever knew. */
    public synchronized boolean isWhole() {
        return whole;
    }

    /** Adds what is not here yet. */
    synchronized void add(Proof proof) throws IOException {
        if (!ids.contains(proof.id())) {
            write(proof);
            keep(proof);
        }
    }

    /** Notes that nothing is missing. */
    public synchronized void whole() throws IOException {
        if (!whole) {
            write(Proof.of(Kind.WHOLE, List.of(), new byte[0]));
            whole = true;
        }
    }

    @GuardedBy("this")
    private void keep(Proof proof) {
        if (proof.kind() == Kind.WHOLE) {
            whole = true;
        } else if (ids.add(proof.id())) {
            all.add(proof);
        }
    }

    @GuardedBy("this")
    private void write(Proof proof) throws IOException {
        var bytes = ByteBuffer.allocate(FRAME + proof.blocks().size() * Integer.BYTES * 2 + proof.raw().length);
        bytes.put((byte) proof.kind().ordinal())
                .putShort((short) proof.blocks().size())
                .putInt(proof.raw().length);
        proof.blocks().forEach(range -> bytes.putInt(range.first()).putInt(range.end()));
        bytes.put(proof.raw());
        bytes.putInt(checksum(bytes.array(), 0, bytes.position())).flip();
        // Few and far between: a file that is held open for each of a hundred thousand tasks would cost more.
        try (var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long at = end;
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            end = at;
        }
    }

    private synchronized void read(byte[] file) {
        var bytes = ByteBuffer.wrap(file);
        while (bytes.remaining() >= FRAME) {
            int start = bytes.position();
            int kind = bytes.get();
            int ranges = Short.toUnsignedInt(bytes.getShort());
            int length = bytes.getInt();
            boolean sane = kind >= 0
                    && kind < Kind.values().length
                    && ranges <= MOST_RANGES
                    && length >= 0
                    && length <= MOST_BYTES
                    && bytes.remaining() >= ranges * Integer.BYTES * 2 + length + Integer.BYTES;
            if (!sane) {
                return;
            }
            int body = bytes.position();
            bytes.position(body + ranges * Integer.BYTES * 2 + length);
            if (bytes.getInt() != checksum(file, start, bytes.position() - Integer.BYTES - start)) {
                return;
            }
            try {
                keep(entry(Kind.values()[kind], ranges, length, bytes.slice(body, bytes.position() - body)));
            } catch (IllegalArgumentException e) {
                return; // written by nobody we know
            }
            end = bytes.position();
        }
    }

    private static Proof entry(Kind kind, int ranges, int length, ByteBuffer body) {
        List<BlockRange> blocks = new ArrayList<>(ranges);
        for (int i = 0; i < ranges; i++) {
            blocks.add(new BlockRange(body.getInt(), body.getInt()));
        }
        byte[] raw = new byte[length];
        body.get(raw);
        return Proof.of(kind, blocks, raw);
    }

    private static int checksum(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
