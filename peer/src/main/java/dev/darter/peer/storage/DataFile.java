package dev.darter.peer.storage;

import dev.darter.core.BlockLength;
import dev.darter.core.Digest;
import dev.darter.core.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of one content, sparse, each at its place. Knows neither which of them are right nor which may be read; any thread may call it,
 * and who writes where is settled before. Bytes are read, written and hashed on the disk's threads.
 */
final class DataFile implements AutoCloseable {
    private final Path path;
    private final DiskPool disk;
    private final FileChannel file;

    private DataFile(Path path, DiskPool disk, FileChannel file) {
        this.path = path;
        this.disk = disk;
        this.file = file;
    }

    static DataFile open(Path path, DiskPool disk) throws IOException {
        return new DataFile(
                path,
                disk,
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    Path path() {
        return path;
    }

    /** For readers; nobody else writes to it. */
    FileChannel channel() {
        return file;
    }

    long size() throws IOException {
        return file.size();
    }

    /** Gives the file its full size, with a hole where bytes are missing: a reader or a full disk meets it from the start. */
    void grow(long length) throws IOException {
        if (file.size() < length) {
            try (var sparse = new RandomAccessFile(path.toFile(), "rw")) {
                sparse.setLength(length);
            }
        }
    }

    void shrink(long length) throws IOException {
        if (file.size() != length) {
            file.truncate(length);
        }
    }

    /** Takes all that remains in {@code bytes}, then does {@code alsoDo} on the same thread. */
    void write(ByteBuffer bytes, long position, Runnable alsoDo) throws IOException {
        disk.run(() -> {
            int start = bytes.position();
            write(bytes, position);
            bytes.position(start);
            alsoDo.run();
            bytes.position(bytes.limit());
            return true;
        });
    }

    /** Takes all that remains in {@code bytes} if {@code check} has nothing against its digest; which is the answer. */
    Sha256 writeChecked(ByteBuffer bytes, long position, Check check) throws IOException {
        return disk.run(() -> {
            Sha256 digest = Sha256.hash(bytes);
            check.accept(digest);
            write(bytes, position);
            return digest;
        });
    }

    Sha256 hash(ByteBuffer bytes) throws IOException {
        return disk.run(() -> Sha256.hash(bytes));
    }

    /** Throws what it has against a digest. */
    interface Check {
        void accept(Sha256 digest);
    }

    private void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    void run(Runnable work) throws IOException {
        disk.run(() -> {
            work.run();
            return true;
        });
    }

    /** Of as many of the bytes as the file has. */
    Sha256 sha256(long position, int bytes) throws IOException {
        return disk.run(() -> {
            var buffer = ByteBuffer.allocate(bytes);
            while (buffer.hasRemaining()) {
                if (file.read(buffer, position + buffer.position()) < 0) {
                    break;
                }
            }
            return Sha256.hash(buffer.flip());
        });
    }

    /** @throws IOException also if the file has fewer bytes */
    Digest md5(long position, long bytes) throws IOException {
        return disk.run(() -> {
            var digest = Digest.Algorithm.MD5.newMessageDigest();
            var buffer = ByteBuffer.allocate(BlockLength.SMALL);
            for (long done = 0; done < bytes; done += buffer.position()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - done));
                if (file.read(buffer, position + done) <= 0) {
                    throw new IOException(path + ": ends before " + (position + bytes) + " (expected: as it was)");
                }
                digest.update(buffer.array(), 0, buffer.position());
            }
            return Digest.md5(Digest.hex(digest.digest()));
        });
    }

    void force() throws IOException {
        file.force(false);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
