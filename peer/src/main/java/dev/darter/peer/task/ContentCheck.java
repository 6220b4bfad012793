package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.TaskContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Hashes whole contents against what their requests expect. Runs on few platform threads of its own: hashing gigabytes on
 * virtual threads would hold the carriers of everything else. Any thread may call it.
 */
final class ContentCheck implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int BUFFER = 1 << 20;

    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("content-check-", 0).factory());

    /**
     * Reads all bytes; they must be here.
     *
     * @throws CodedException CLIENT_ERROR if they hash to something else
     */
    void check(TaskContent content, Digest expected) throws IOException, InterruptedException {
        Digest actual;
        try {
            actual = threads.submit(() -> hash(content, expected.algorithm())).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case CodedException coded -> throw coded;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
        if (!actual.equals(expected)) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR, "digest of the content: " + actual + " (expected: " + expected + ")");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private static Digest hash(TaskContent content, Digest.Algorithm algorithm) throws IOException {
        long length = content.length().orElseThrow();
        var hash = algorithm.newMessageDigest();
        var buffer = ByteBuffer.allocateDirect(Math.clamp(length, 1, BUFFER));
        try (ContentReader reader = content.read()) {
            for (long position = 0; position < length; ) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("the daemon stops");
                }
                buffer.clear();
                int read = reader.available(position) > 0 ? reader.read(position, buffer) : 0;
                if (read <= 0) {
                    throw new CodedException(
                            ErrorCode.CLIENT_ERROR, "content: no byte at " + position + " (expected: " + length + ")");
                }
                hash.update(buffer.flip());
                position += read;
            }
        }
        return new Digest(algorithm, Digest.hex(hash.digest()));
    }
}
