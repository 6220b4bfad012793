package dev.darter.peer.fetch;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.ByteRange;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.source.Source;
import dev.darter.source.SourceRequest;
import dev.darter.source.SourceStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Reads single blocks of a task from its origin, beside what others give: one ranged request after the other, on one connection where the origin
 * keeps it. Nothing is stored unless the origin has the very content that is known already. Any thread may call it.
 */
public final class OriginBlocks {
    /** Of one request: what has come from elsewhere meanwhile is not asked for in the next one. */
    private static final long MOST_BYTES = 4L << 20;

    private static final long LARGE_BUFFER_BYTES = 8L << 20;

    private final Source source;
    private final Buffers small;
    private final Buffers large = new Buffers(LARGE_BUFFER_BYTES, BlockLength.LARGE);
    private final RateLimiter hostRate;

    OriginBlocks(Source source, Buffers buffers, RateLimiter hostRate) {
        this.source = source;
        this.small = buffers;
        this.hostRate = hostRate;
    }

    /** Takes what was read. */
    public interface Sink {
        /** All of one block, to be stored. */
        void accept(Block block, ByteBuffer bytes) throws IOException, InterruptedException;
    }

    /** The origin cannot be read this way, by nobody: it gives no ranges, or has other content than is known. */
    public static final class Unfit extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message);
        }
    }

    /**
     * Reads those of the blocks that are not here.
     *
     * @param content of which length, cut and header are known
     * @param request a range in it makes that range the whole content of the task
     * @param onBytes told of bytes as they come
     * @throws Unfit if nothing more can be read this way
     * @throws OriginException what the origin answered, or how it broke off
     * @throws IOException what {@code sink} threw
     */
    public void fetch(
            TaskContent content, SourceRequest request, List<BlockRange> ranges, LongConsumer onBytes, Sink sink)
            throws IOException, InterruptedException {
        Buffers buffers = content.blockLength() > Buffers.SIZE ? large : small;
        try (var lease = buffers.take()) {
            for (BlockRange range : ranges) {
                for (int next = range.first(); next < range.end(); ) {
                    var run = missing(content, next, range.end());
                    if (run.first() < run.end()) {
                        read(content, request, run, onBytes, sink, lease.buffer());
                    }
                    next = run.end();
                }
            }
        }
    }

    /** @param first of the run; as {@code end} where there is none */
    private record Run(int first, int end) {}

    private static Run missing(TaskContent content, int from, int end) {
        int most = (int) Math.max(1, MOST_BYTES / content.blockLength());
        int first = from;
        while (first < end && content.block(first).isPresent()) {
            first++;
        }
        int last = first;
        while (last < end && last - first < most && content.block(last).isEmpty()) {
            last++;
        }
        return new Run(first, last);
    }

    private void read(
            TaskContent content, SourceRequest request, Run run, LongConsumer onBytes, Sink sink, ByteBuffer buffer)
            throws IOException, InterruptedException {
        long length = content.length().orElseThrow();
        long start = (long) run.first * content.blockLength();
        long end = Math.min(length, (long) run.end * content.blockLength());
        long base = request.range().map(ByteRange::start).orElse(0L);
        try (SourceStream stream = source.open(request.withRange(new ByteRange(base + start, end - start)))) {
            check(content, request, stream, end - start);
            for (int number = run.first; number < run.end; number++) {
                int bytes = (int) Math.min(content.blockLength(), length - (long) number * content.blockLength());
                fill(stream, buffer.clear().limit(bytes), onBytes);
                sink.accept(Block.unclaimed(number, bytes), buffer.flip());
            }
        }
    }

    /** Bytes of two versions are never mixed. */
    private static void check(TaskContent content, SourceRequest request, SourceStream stream, long bytes) {
        if (!stream.info().rangeable()) {
            throw new Unfit("origin: answered a range with the whole (expected: the range)");
        }
        String known = version(content.header());
        String now = version(stream.header());
        if (!known.equals(now)) {
            throw new Unfit(
                    "origin: the content changed while it was read (expected: version " + known + ", not " + now + ")");
        }
        long length = content.length().orElseThrow();
        long whole = stream.info().length().orElse(length);
        if (request.range().isEmpty() && whole != length) {
            throw new Unfit("origin: " + whole + " bytes in all (expected: " + length + ", as they are known)");
        }
        if (stream.length().orElse(bytes) != bytes) {
            throw new Unfit(
                    "origin: " + stream.length().getAsLong() + " bytes (expected: " + bytes + ", as asked for)");
        }
    }

    /** The strong validator counts alone where there is one. */
    private static String version(Map<String, String> header) {
        String tag = header.getOrDefault("Etag", "");
        return tag.isEmpty() ? header.getOrDefault("Last-Modified", "") : tag;
    }

    private void fill(SourceStream stream, ByteBuffer buffer, LongConsumer onBytes) throws InterruptedException {
        while (buffer.hasRemaining()) {
            int read;
            try {
                read = stream.read(buffer);
            } catch (IOException e) {
                throw new OriginException(
                        String.valueOf(e.getMessage()),
                        new OriginFailure(true, 0, String.valueOf(e.getMessage()), Map.of()),
                        e);
            }
            if (read < 0) {
                throw new OriginException(
                        "the origin ended within a block", new OriginFailure(true, 0, "ended early", Map.of()));
            }
            hostRate.acquire(read);
            onBytes.accept(read);
        }
    }
}
