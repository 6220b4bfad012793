package dev.darter.peer.fetch;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.BlockClient;
import dev.darter.peer.transfer.Breaker;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.RateLimiter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Brings blocks from Darter peers into storage, each verified before a byte of it is written. Runs on platform threads of its own, since a
 * transfer reads a socket, hashes and writes a file in turn: on virtual threads each write would go through the disk's pool and back, and the
 * reads cost a fifth more. The number of threads bounds how much is asked for at a time. Any thread may call it.
 */
public final class BlockFetcher implements AutoCloseable {
    private static final int THREADS = 64;
    private static final int IDLE_SECONDS = 10;
    private static final long LARGE_BUFFER_BYTES = 16L << 20;

    private final BlockClient client;
    private final RateLimiter hostRate;
    private final Buffers small;
    private final Buffers large = new Buffers(LARGE_BUFFER_BYTES, BlockLength.LARGE);
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("blocks-", 0).factory());

    /** Told of every block that came. */
    public interface Progress {
        void came(Block block, TaskContent.Stored stored);
    }

    /** @param hostRate of all that this host takes, from parents and origins */
    public BlockFetcher(BlockClient client, Buffers buffers, RateLimiter hostRate) {
        this.client = client;
        this.small = buffers;
        this.hostRate = hostRate;
        threads.allowCoreThreadTimeOut(true);
    }

    /** Runs a fetch on a thread that may wait for a socket. */
    public void run(Runnable fetch) {
        threads.execute(fetch);
    }

    /**
     * Fetches blocks that follow each other.
     *
     * @return how many came; fewer when the parent is busy
     * @throws dev.darter.core.CodedException by what went wrong
     * @throws IOException if storage fails
     */
    public int fetch(
            String address,
            String holder,
            TaskContent content,
            List<Block> run,
            RateLimiter taskRate,
            Breaker breaker,
            Progress progress)
            throws IOException, InterruptedException {
        try (var lease = buffers(content).take()) {
            return client.fetch(
                    address,
                    content.task(),
                    holder,
                    content.blockLength(),
                    run,
                    lease.buffer(),
                    breaker,
                    sink(content, taskRate, progress));
        }
    }

    /**
     * Fetches blocks of the parent's choice.
     *
     * @param most how many at a time
     */
    public BlockClient.HandedOut next(
            String address,
            TaskContent content,
            String me,
            int most,
            RateLimiter taskRate,
            Breaker breaker,
            Progress progress)
            throws IOException, InterruptedException {
        try (var lease = buffers(content).take()) {
            TaskId task = content.task();
            return client.next(
                    address,
                    task,
                    me,
                    content.readableBytes(),
                    most,
                    content.blockLength(),
                    lease.buffer(),
                    breaker,
                    sink(content, taskRate, progress));
        }
    }

    private BlockClient.Sink sink(TaskContent content, RateLimiter taskRate, Progress progress) {
        return (block, bytes) -> {
            taskRate.acquire(bytes.remaining());
            hostRate.acquire(bytes.remaining());
            progress.came(block, content.store(block, bytes));
        };
    }

    private Buffers buffers(TaskContent content) {
        return content.blockLength() > Buffers.SIZE ? large : small;
    }

    /** Takes nothing new; what runs ends with its connection. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
