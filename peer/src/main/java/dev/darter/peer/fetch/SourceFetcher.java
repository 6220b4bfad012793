package dev.darter.peer.fetch;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.peer.storage.Claim;
import dev.darter.peer.storage.PieceWriter;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.source.Source;
import dev.darter.source.SourceRequest;
import dev.darter.source.SourceStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a task from its origin into storage, piece after piece, every block readable as soon as it is written. A connection that breaks
 * is taken up where it broke when the origin can do ranges and still has the same content; otherwise the read begins anew, and pieces
 * that are here are skipped. Any thread may call it.
 */
public final class SourceFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(SourceFetcher.class);
    private static final int ATTEMPTS = 3;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    private final Source source;
    private final Buffers buffers;
    private final RateLimiter hostRate;
    private final OriginBlocks blocks;

    /** @param hostRate of all that this host takes, from parents and origins */
    public SourceFetcher(Source source, Buffers buffers, RateLimiter hostRate) {
        this.source = source;
        this.buffers = buffers;
        this.hostRate = hostRate;
        this.blocks = new OriginBlocks(source, buffers, hostRate);
    }

    /** Reads single blocks instead of all. */
    public OriginBlocks blocks() {
        return blocks;
    }

    /**
     * Fetches everything that is missing, or the front of it.
     *
     * @param request a range in it makes that range the whole content of the task
     * @param taskRate of this task alone
     * @param needed whether nobody else could do it; else an origin from which nothing comes is not asked twice
     * @param front from the length of the content to where reading ends, at the end of a piece; not asked where the origin cannot be read in parts
     * @param onBytes told of bytes as they come from the origin
     * @return bytes of the whole content
     * @throws OriginException what the origin answered, or how the last attempt broke
     * @throws IOException if storage fails
     */
    public long fetch(
            TaskContent content,
            SourceRequest request,
            RateLimiter taskRate,
            boolean needed,
            LongUnaryOperator front,
            LongConsumer onBytes)
            throws IOException, InterruptedException {
        long before = content.readableBytes();
        OriginException last = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            if (attempt > 1) {
                Thread.sleep(BETWEEN_ATTEMPTS.multipliedBy(attempt - 1));
            }
            try {
                return new Reading(content, request, taskRate, front, onBytes).run();
            } catch (OriginException e) {
                boolean vain = !needed && content.readableBytes() == before;
                if (vain || !e.failure().temporary()) {
                    throw e;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException("the download was stopped");
                }
                last = e;
                LOG.atWarn()
                        .addKeyValue("task", content.task())
                        .addKeyValue("attempt", attempt)
                        .addKeyValue("reason", e.getMessage())
                        .log("reading the origin broke off");
            }
        }
        throw last == null ? new IllegalStateException("no attempt was made") : last;
    }

    /** One attempt, on one connection. */
    private final class Reading {
        private final TaskContent content;
        private final SourceRequest request;
        private final RateLimiter taskRate;
        private final LongUnaryOperator front;
        private final LongConsumer onBytes;
        private long stopsAt = Long.MAX_VALUE;

        Reading(
                TaskContent content,
                SourceRequest request,
                RateLimiter taskRate,
                LongUnaryOperator front,
                LongConsumer onBytes) {
            this.content = content;
            this.request = request;
            this.taskRate = taskRate;
            this.front = front;
            this.onBytes = onBytes;
        }

        long run() throws IOException, InterruptedException {
            int first = firstMissing();
            long skip = first == 0 ? 0 : content.pieces(first - 1, 1).getFirst().end();
            if (content.length().isPresent() && skip >= content.length().getAsLong()) {
                return skip;
            }
            try (SourceStream stream = source.open(skip == 0 ? request : request.withRange(rest(skip)))) {
                OptionalLong whole = wholeLength(stream, skip);
                checkVersion(stream);
                content.describe(whole, stream.header());
                if (content.length().isPresent() && stream.info().rangeable()) {
                    stopsAt = front.applyAsLong(content.length().getAsLong());
                }
                return read(stream, first);
            }
        }

        /** Pieces are taken in order, so the first gap is where the last attempt, or the last process, stopped. */
        private int firstMissing() {
            int next = 0;
            for (var piece : content.pieces(0, Integer.MAX_VALUE)) {
                if (piece.number() != next) {
                    break;
                }
                next++;
            }
            return next;
        }

        private ByteRange rest(long skip) {
            long start = request.range().map(ByteRange::start).orElse(0L) + skip;
            long end = request.range().map(ByteRange::end).orElse(Long.MAX_VALUE);
            if (content.length().isPresent()) {
                end = Math.min(end, start - skip + content.length().getAsLong());
            }
            return new ByteRange(start, end - start);
        }

        private static OptionalLong wholeLength(SourceStream stream, long skip) {
            return stream.length().isPresent()
                    ? OptionalLong.of(stream.length().getAsLong() + skip)
                    : OptionalLong.empty();
        }

        /** Bytes of two versions are never mixed. */
        private void checkVersion(SourceStream stream) {
            for (String validator : new String[] {"Etag", "Last-Modified"}) {
                String before = content.header().get(validator);
                String now = stream.header().get(validator);
                if (before != null && now != null && !before.equals(now)) {
                    throw new CodedException(
                            ErrorCode.CLIENT_ERROR,
                            "origin: the content changed while it was read (expected: " + validator + " " + before
                                    + ", not " + now + ")");
                }
            }
        }

        private long read(SourceStream stream, int first) throws IOException, InterruptedException {
            long end = -1;
            try (var lease = buffers.take()) {
                for (int number = first; !isBehindEnd(number) && end < stopsAt; number++) {
                    switch (content.claim(number)) {
                        case Claim.Mine(PieceWriter writer) -> {
                            try (writer) {
                                writer.trust();
                                fill(stream, writer, lease.buffer());
                                end = writer.offset() + writer.written();
                                if (writer.written() > 0) {
                                    var _ = writer.commit(Optional.empty());
                                }
                                if (writer.written() < writer.length()) {
                                    return end;
                                }
                            }
                        }
                        case Claim.Stored(var piece) -> {
                            end = piece.end();
                            skip(stream, piece.length(), lease.buffer());
                        }
                        case Claim.InFlight(var other) -> {
                            // A parent delivers it: its bytes are read past, and it is looked at again when they have
                            // come.
                            if (!other.await(Duration.ofSeconds(30))) {
                                throw brokeOff("another download of piece " + number + " does not end", null);
                            }
                            number--;
                        }
                    }
                }
            }
            return content.length().orElse(Math.max(0, end));
        }

        private boolean isBehindEnd(int number) {
            return content.totalPieces().isPresent()
                    && number >= content.totalPieces().getAsInt();
        }

        /** Reads until the piece is full or the body ends. */
        private void fill(SourceStream stream, PieceWriter writer, ByteBuffer buffer)
                throws IOException, InterruptedException {
            while (writer.written() < writer.length()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), writer.length() - writer.written()));
                boolean ended = false;
                while (buffer.hasRemaining() && !ended) {
                    ended = readOnce(stream, buffer) < 0;
                }
                buffer.flip();
                taskRate.acquire(buffer.remaining());
                hostRate.acquire(buffer.remaining());
                onBytes.accept(buffer.remaining());
                writer.write(buffer);
                if (ended) {
                    return;
                }
            }
        }

        private void skip(SourceStream stream, long bytes, ByteBuffer buffer) {
            for (long left = bytes; left > 0; ) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), left));
                int read = readOnce(stream, buffer);
                if (read < 0) {
                    return;
                }
                left -= read;
            }
        }

        private int readOnce(SourceStream stream, ByteBuffer buffer) {
            try {
                return stream.read(buffer);
            } catch (IOException e) {
                throw brokeOff(String.valueOf(e.getMessage()), e);
            }
        }

        private static OriginException brokeOff(String reason, @Nullable IOException cause) {
            var failure = new OriginFailure(true, 0, reason, Map.of());
            return cause == null ? new OriginException(reason, failure) : new OriginException(reason, failure, cause);
        }
    }
}
