package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * Fetches pieces from parents over HTTP/1.1: one GET a piece on connections that are kept alive, blocking reads on the caller's (virtual)
 * thread into one reused direct buffer. Any thread may call it. Proxies named in the environment are not for traffic between peers.
 */
public final class PieceClient {
    private static final int MAX_HEAD = 16 << 10;
    private static final int NOT_FOUND = 404;
    private static final int LAST_GOOD = 299;

    private final Connections connections;
    private final Buffers buffers;

    /** Takes the bytes of a piece in order; must take all that remain. */
    public interface Sink {
        void accept(ByteBuffer bytes) throws IOException, InterruptedException;
    }

    public PieceClient(Connections connections, Buffers buffers) {
        this.connections = connections;
        this.buffers = buffers;
    }

    /**
     * Fetches one piece.
     *
     * @param address {@code ip:port} as the parent said
     * @param holder peer id that the parent said
     * @throws CodedException CLIENT_CONNECTION_ERROR, CLIENT_PIECE_NOT_FOUND or CLIENT_PIECE_DOWNLOAD_FAIL, by what went wrong
     * @throws IOException if {@code sink} fails
     */
    public void fetch(String address, TaskId task, String holder, Piece piece, Sink sink)
            throws IOException, InterruptedException {
        Connections.Connection connection = connections.reuse(address);
        if (connection != null) {
            try {
                exchange(connection, address, task, holder, piece, sink);
                return;
            } catch (StaleConnection e) {
                // the parent had closed it; a fresh one tells whether the parent is there
            }
        }
        exchange(connections.connect(address), address, task, holder, piece, sink);
    }

    private void exchange(
            Connections.Connection connection, String address, TaskId task, String holder, Piece piece, Sink sink)
            throws IOException, InterruptedException {
        boolean keep = false;
        try (var lease = buffers.take()) {
            ByteBuffer buffer = lease.buffer();
            HttpHead head = ask(connection, address, task, holder, piece, buffer);
            if (head.status() == NOT_FOUND) {
                throw new CodedException(
                        ErrorCode.CLIENT_PIECE_NOT_FOUND, "parent " + address + ": 404 for piece " + piece.number());
            }
            if (head.status() > LAST_GOOD) {
                throw failed(address, piece, "HTTP " + head.status(), "200 or 206");
            }
            if (head.contentLength() != piece.length()) {
                throw failed(address, piece, head.contentLength() + " bytes", Long.toString(piece.length()));
            }
            receive(connection, address, piece, buffer, sink);
            keep = head.keepAlive();
        } finally {
            connections.release(connection, keep);
        }
    }

    private HttpHead ask(
            Connections.Connection connection,
            String address,
            TaskId task,
            String holder,
            Piece piece,
            ByteBuffer buffer) {
        String request = "GET /download/" + task.prefix() + "/" + task + "?peerId=" + holder + " HTTP/1.1\r\nHost: "
                + address + "\r\nUser-Agent: darter\r\nRange: bytes=" + piece.offset() + "-" + (piece.end() - 1)
                + "\r\n\r\n";
        try {
            connection.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
            buffer.clear();
            while (true) {
                if (connection.read(buffer) < 0) {
                    throw new IOException("the parent hung up");
                }
                int end = HttpHead.end(buffer);
                if (end >= 0) {
                    var head = HttpHead.parse(buffer, end);
                    buffer.flip().position(end);
                    return head;
                }
                if (buffer.position() > MAX_HEAD) {
                    throw failed(address, piece, "a head of more than " + MAX_HEAD + " bytes", "a short one");
                }
            }
        } catch (IOException e) {
            if (connection.isReused() && !(e instanceof ClosedChannelException)) {
                throw new StaleConnection(address);
            }
            throw new CodedException(
                    ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + Connections.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw failed(address, piece, String.valueOf(e.getMessage()), "an HTTP answer");
        }
    }

    private static void receive(
            Connections.Connection connection, String address, Piece piece, ByteBuffer buffer, Sink sink)
            throws IOException, InterruptedException {
        long left = piece.length();
        while (true) {
            if (buffer.remaining() > left) {
                throw failed(address, piece, "more bytes than promised", Long.toString(piece.length()));
            }
            left -= buffer.remaining();
            sink.accept(buffer);
            if (left == 0) {
                return;
            }
            buffer.clear();
            // Full buffers: fewer, larger writes cost far less than one for every segment.
            while (buffer.hasRemaining() && buffer.position() < left) {
                int read;
                try {
                    read = connection.read(buffer);
                } catch (IOException e) {
                    throw new CodedException(
                            ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + Connections.reason(e), e);
                }
                if (read < 0) {
                    throw failed(
                            address,
                            piece,
                            (piece.length() - left + buffer.position()) + " bytes",
                            Long.toString(piece.length()));
                }
            }
            buffer.flip();
        }
    }

    private static CodedException failed(String address, Piece piece, String got, String expected) {
        return new CodedException(
                ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                "parent " + address + ", piece " + piece.number() + ": " + got + " (expected: " + expected + ")");
    }

    /** A kept connection that the parent closed in the meantime. */
    private static final class StaleConnection extends CodedException {
        StaleConnection(String address) {
            super(ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": the connection was closed");
        }
    }
}
