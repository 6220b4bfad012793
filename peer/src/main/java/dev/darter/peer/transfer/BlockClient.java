package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Fetches blocks from Darter peers, over the upload port and on the connections that pieces travel on too: blocks that follow each other
 * in one request, or the next one that the other side wants to give away. Blocking reads on the caller's thread. Any thread may call it.
 */
public final class BlockClient {
    private static final int HEAD_BUFFER = 4 << 10;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int ACCEPTED = 202;
    private static final int UNAVAILABLE = 503;

    private final Connections connections;

    /** Takes one block, whole, in a buffer that is used again afterwards. */
    public interface Sink {
        void accept(Block block, ByteBuffer bytes) throws IOException, InterruptedException;
    }

    /** What came of asking for whatever the other side wants to give away. */
    public enum HandedOut {
        /** One or several blocks came. */
        BLOCKS,
        /** It has nothing new yet; asking again at once is right. */
        LATER,
        /** Too many wait for theirs. */
        BUSY,
        /** It has given everything to somebody. */
        NOTHING_MORE
    }

    public BlockClient(Connections connections) {
        this.connections = connections;
    }

    /**
     * Fetches blocks that follow each other.
     *
     * @param address {@code ip:port} as the parent said
     * @param holder peer id that the parent said
     * @param buffer takes the longest of the blocks
     * @return how many were given to {@code sink}: fewer than asked for when the parent is busy
     * @throws CodedException by what went wrong; what {@code sink} was given before holds
     * @throws IOException if {@code sink} fails
     */
    public int fetch(
            String address,
            TaskId task,
            String holder,
            int blockLength,
            List<Block> run,
            ByteBuffer buffer,
            Breaker breaker,
            Sink sink)
            throws IOException, InterruptedException {
        long start = (long) run.getFirst().number() * blockLength;
        long end = (long) run.getLast().number() * blockLength + run.getLast().length();
        String request = "GET /download/" + task.prefix() + "/" + task + "?peerId=" + holder
                + " HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: darter\r\nX-Darter-Blocks: 1\r\nRange: bytes="
                + start + "-"
                + (end - 1) + "\r\n\r\n";
        return exchange(address, request, breaker, (connection, head, body) -> {
            if (head.status() == UNAVAILABLE) {
                return new Done<>(0, head.contentLength() == 0);
            }
            check(address, head, end - start);
            for (Block block : run) {
                receive(connection, address, block.length(), body, buffer);
                sink.accept(block, buffer);
            }
            return new Done<>(run.size(), true);
        });
    }

    /**
     * Fetches blocks of the other side's choice, that follow each other.
     *
     * @param me our peer id, by which the other side knows what we have
     * @param has bytes that we have of the content
     * @param most how many at a time; it gives one at least, if any
     */
    public HandedOut next(
            String address,
            TaskId task,
            String me,
            long has,
            int most,
            int blockLength,
            ByteBuffer buffer,
            Breaker breaker,
            Sink sink)
            throws IOException, InterruptedException {
        String request = "GET /darter/v1/next/" + task + "?peerId=" + me + "&has=" + has + "&run=" + most
                + " HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: darter\r\n\r\n";
        return exchange(address, request, breaker, (connection, head, body) -> {
            if (head.status() == NO_CONTENT) {
                return new Done<>(HandedOut.NOTHING_MORE, true);
            }
            if (head.status() == ACCEPTED || head.status() == UNAVAILABLE) {
                var later = head.status() == ACCEPTED ? HandedOut.LATER : HandedOut.BUSY;
                return new Done<>(later, head.contentLength() == 0);
            }
            check(address, head, head.contentLength());
            for (Block block : run(address, head, most, blockLength)) {
                receive(connection, address, block.length(), body, buffer);
                sink.accept(block, buffer);
            }
            return new Done<>(HandedOut.BLOCKS, true);
        });
    }

    /** All of them are whole but for the last one. */
    private static List<Block> run(String address, HttpHead head, int most, int blockLength) {
        long length = head.contentLength();
        if (length > (long) most * blockLength) {
            throw failed(address, length + " bytes", "at most " + most + " blocks of " + blockLength, null);
        }
        try {
            int first = Integer.parseInt(head.header("x-darter-block").orElse(""));
            List<String> digests =
                    List.of(head.header("x-darter-sha256").orElse("").split(",", -1));
            if (length == 0 || digests.size() != BlockLength.count(length, blockLength)) {
                throw failed(address, digests.size() + " digests for " + length + " bytes", "one for each block", null);
            }
            var run = new ArrayList<Block>();
            for (int i = 0; i < digests.size(); i++) {
                long left = length - (long) i * blockLength;
                run.add(new Block(first + i, (int) Math.min(left, blockLength), Sha256.parse(digests.get(i))));
            }
            return run;
        } catch (IllegalArgumentException e) {
            throw failed(address, "blocks without number, bytes or digests", "all three", e);
        }
    }

    private static void check(String address, HttpHead head, long length) {
        if (head.status() != OK) {
            throw failed(address, "HTTP " + head.status(), "200", null);
        }
        if (head.contentLength() != length) {
            throw failed(address, head.contentLength() + " bytes", Long.toString(length), null);
        }
    }

    private record Done<T>(T result, boolean keep) {}

    private interface Answer<T> {
        Done<T> take(Connections.Connection connection, HttpHead head, ByteBuffer body)
                throws IOException, InterruptedException;
    }

    /** Asks on a kept connection, or on a fresh one when the parent has closed that. */
    private <T> T exchange(String address, String request, Breaker breaker, Answer<T> answer)
            throws IOException, InterruptedException {
        var kept = connections.reuse(address);
        if (kept != null) {
            Optional<T> result = exchange(kept, address, request, breaker, answer);
            if (result.isPresent()) {
                return result.get();
            }
        }
        return exchange(connections.connect(address), address, request, breaker, answer)
                .orElseThrow(() -> failed(address, "the connection was closed at once", "an answer", null));
    }

    /** Empty when the parent had closed the connection before the answer began. */
    private <T> Optional<T> exchange(
            Connections.Connection connection, String address, String request, Breaker breaker, Answer<T> answer)
            throws IOException, InterruptedException {
        boolean keep = false;
        breaker.use(connection);
        try {
            var body = ByteBuffer.allocate(HEAD_BUFFER);
            Optional<HttpHead> head = ask(connection, address, request, body);
            if (head.isEmpty()) {
                return Optional.empty();
            }
            Done<T> done = answer.take(connection, head.get(), body);
            keep = done.keep() && head.get().keepAlive();
            return Optional.of(done.result());
        } finally {
            breaker.done();
            connections.release(connection, keep && !breaker.isBroken());
        }
    }

    /** @param body afterwards holds what came behind the head, ready to be read */
    private static Optional<HttpHead> ask(
            Connections.Connection connection, String address, String request, ByteBuffer body) {
        try {
            connection.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
            while (true) {
                if (connection.read(body) < 0) {
                    if (connection.isReused() && body.position() == 0) {
                        return Optional.empty();
                    }
                    throw new IOException("the parent hung up");
                }
                int end = HttpHead.end(body);
                if (end >= 0) {
                    var head = HttpHead.parse(body, end);
                    body.flip().position(end);
                    return Optional.of(head);
                }
                if (!body.hasRemaining()) {
                    throw failed(address, "a head of more than " + HEAD_BUFFER + " bytes", "a short one", null);
                }
            }
        } catch (IOException e) {
            if (connection.isReused() && !(e instanceof ClosedChannelException) && body.position() == 0) {
                return Optional.empty();
            }
            throw new CodedException(
                    ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + Connections.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw failed(address, String.valueOf(e.getMessage()), "an HTTP answer", e);
        }
    }

    /** Fills {@code buffer} with exactly the next {@code length} bytes, first those that came with the head. */
    private static void receive(
            Connections.Connection connection, String address, int length, ByteBuffer body, ByteBuffer buffer) {
        buffer.clear().limit(length);
        if (body.hasRemaining()) {
            int early = Math.min(body.remaining(), length);
            buffer.put(body.slice(body.position(), early));
            body.position(body.position() + early);
        }
        var gathering = new Gathering(System.nanoTime());
        try {
            while (buffer.hasRemaining()) {
                int came = connection.read(buffer);
                if (came < 0) {
                    throw failed(address, buffer.position() + " bytes of a block", Integer.toString(length), null);
                }
                LockSupport.parkNanos(gathering.pause(came, buffer.remaining(), System.nanoTime()));
            }
        } catch (IOException e) {
            throw new CodedException(
                    ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + Connections.reason(e), e);
        }
        buffer.flip();
    }

    private static CodedException failed(
            String address, String got, String expected, @org.jspecify.annotations.Nullable Exception cause) {
        String message = "parent " + address + ": " + got + " (expected: " + expected + ")";
        return cause == null
                ? new CodedException(ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL, message)
                : new CodedException(ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL, message, cause);
    }
}
