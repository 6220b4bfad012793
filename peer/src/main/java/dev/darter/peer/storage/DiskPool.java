package dev.darter.peer.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The few platform threads that hash and do file I/O. Buffered file I/O holds the carrier of a virtual thread, so two cold reads would
 * stall a two-core node; here they stall nobody but themselves. Never waits for a socket.
 */
final class DiskPool implements AutoCloseable {
    private static final int THREADS = 8;
    private static final int IDLE_SECONDS = 10;

    /** Work that may fail as file I/O does. */
    interface Work<T> {
        T run() throws IOException;
    }

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("disk-", 0).factory());

    DiskPool() {
        threads.allowCoreThreadTimeOut(true);
    }

    /** Runs {@code work} on the pool and waits for it; at once when called from a platform thread, which holds no carrier. */
    <T> T run(Work<T> work) throws IOException {
        if (!Thread.currentThread().isVirtual()) {
            return work.run();
        }
        try {
            return threads.submit(work::run).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the disk");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IOException(e.getCause());
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
