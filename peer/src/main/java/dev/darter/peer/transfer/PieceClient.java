package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Fetches pieces from parents over HTTP/1.1: one GET a piece on connections that are kept alive, blocking reads on the caller's (virtual)
 * thread into one reused direct buffer. Any thread may call it. Proxies named in the environment are not for traffic between peers.
 */
public final class PieceClient implements AutoCloseable {
    private static final int MAX_IDLE_PER_PARENT = 4;
    private static final long IDLE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int MAX_HEAD = 16 << 10;
    private static final int NOT_FOUND = 404;
    private static final int LAST_GOOD = 299;

    private final Duration connectTimeout;
    private final Duration readTimeout;
    private final Buffers buffers;
    private final Map<String, ArrayDeque<Connection>> idle = new ConcurrentHashMap<>();
    private final Set<Connection> inUse = ConcurrentHashMap.newKeySet();
    private final Thread watchdog = Thread.ofVirtual().name("piece-watchdog").unstarted(this::closeStalled);

    /** Takes the bytes of a piece in order; must take all that remain. */
    public interface Sink {
        void accept(ByteBuffer bytes) throws IOException, InterruptedException;
    }

    private PieceClient(Duration connectTimeout, Duration readTimeout, Buffers buffers) {
        this.connectTimeout = connectTimeout;
        this.readTimeout = readTimeout;
        this.buffers = buffers;
    }

    /**
     * Starts the client's watchdog.
     *
     * @param readTimeout how long a parent may send nothing
     */
    public static PieceClient start(Duration connectTimeout, Duration readTimeout, Buffers buffers) {
        var client = new PieceClient(connectTimeout, readTimeout, buffers);
        client.watchdog.start();
        return client;
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
        Connection connection = reuse(address);
        if (connection != null) {
            try {
                exchange(connection, address, task, holder, piece, sink);
                return;
            } catch (StaleConnection e) {
                // the parent had closed it; a fresh one tells whether the parent is there
            }
        }
        exchange(connect(address), address, task, holder, piece, sink);
    }

    @Override
    public void close() {
        watchdog.interrupt();
        inUse.forEach(Connection::close);
        idle.values().forEach(connections -> {
            synchronized (connections) {
                connections.forEach(Connection::close);
                connections.clear();
            }
        });
    }

    private void exchange(Connection connection, String address, TaskId task, String holder, Piece piece, Sink sink)
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
            inUse.remove(connection);
            if (keep) {
                giveBack(address, connection);
            } else {
                connection.close();
            }
        }
    }

    private HttpHead ask(
            Connection connection, String address, TaskId task, String holder, Piece piece, ByteBuffer buffer) {
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
            throw new CodedException(ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + reason(e), e);
        } catch (IllegalArgumentException e) {
            throw failed(address, piece, String.valueOf(e.getMessage()), "an HTTP answer");
        }
    }

    private static void receive(Connection connection, String address, Piece piece, ByteBuffer buffer, Sink sink)
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
                            ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + reason(e), e);
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

    private Connection connect(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "" : address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            var socket = SocketChannel.open();
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.socket().connect(new InetSocketAddress(host, port), (int) connectTimeout.toMillis());
            var connection = new Connection(socket);
            inUse.add(connection);
            return connection;
        } catch (IOException | IllegalArgumentException e) {
            throw new CodedException(ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + reason(e), e);
        }
    }

    private @Nullable Connection reuse(String address) {
        var connections = idle.get(address);
        if (connections == null) {
            return null;
        }
        synchronized (connections) {
            for (Connection connection = connections.pollLast();
                    connection != null;
                    connection = connections.pollLast()) {
                if (System.nanoTime() - connection.idleSince() < IDLE_NANOS) {
                    connection.markReused();
                    inUse.add(connection);
                    return connection;
                }
                connection.close();
            }
        }
        return null;
    }

    private void giveBack(String address, Connection connection) {
        var connections = idle.computeIfAbsent(address, _ -> new ArrayDeque<>());
        synchronized (connections) {
            if (connections.size() < MAX_IDLE_PER_PARENT) {
                connection.markIdle();
                connections.addLast(connection);
                return;
            }
        }
        connection.close();
    }

    /** A blocking read of a channel knows no timeout; closing the channel under it ends it. */
    private void closeStalled() {
        try {
            while (true) {
                Thread.sleep(readTimeout.dividedBy(4));
                inUse.stream()
                        .filter(connection -> connection.isStalled(readTimeout.toNanos()))
                        .forEach(Connection::close);
            }
        } catch (InterruptedException e) {
            // the client closes
        }
    }

    private static CodedException failed(String address, Piece piece, String got, String expected) {
        return new CodedException(
                ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                "parent " + address + ", piece " + piece.number() + ": " + got + " (expected: " + expected + ")");
    }

    private static String reason(Exception failure) {
        if (failure instanceof ClosedChannelException) {
            return "nothing came for too long";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /** A kept connection that the parent closed in the meantime. */
    private static final class StaleConnection extends CodedException {
        StaleConnection(String address) {
            super(ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": the connection was closed");
        }
    }

    /** One socket to a parent; used by one thread at a time. */
    private static final class Connection {
        private final SocketChannel socket;
        private volatile long busySince;
        private volatile boolean busy;
        private long idleSince;
        private boolean reused;

        Connection(SocketChannel socket) {
            this.socket = socket;
        }

        int read(ByteBuffer target) throws IOException {
            begin();
            try {
                return socket.read(target);
            } finally {
                busy = false;
            }
        }

        void write(ByteBuffer bytes) throws IOException {
            begin();
            try {
                while (bytes.hasRemaining()) {
                    socket.write(bytes);
                }
            } finally {
                busy = false;
            }
        }

        private void begin() {
            busySince = System.nanoTime();
            busy = true;
        }

        boolean isStalled(long nanos) {
            return busy && System.nanoTime() - busySince > nanos;
        }

        boolean isReused() {
            return reused;
        }

        void markReused() {
            reused = true;
        }

        void markIdle() {
            idleSince = System.nanoTime();
        }

        long idleSince() {
            return idleSince;
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // nothing was lost: every byte that counts was verified
            }
        }
    }
}
