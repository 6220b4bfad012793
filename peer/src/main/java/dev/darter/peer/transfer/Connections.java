package dev.darter.peer.transfer;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
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

/** Sockets to the upload ports of parents, kept open for the next request. Any thread may call it. */
public final class Connections implements AutoCloseable {
    private static final int MAX_IDLE_PER_PARENT = 4;
    private static final long IDLE_NANOS = Duration.ofSeconds(60).toNanos();

    private final Duration connectTimeout;
    private final Duration readTimeout;
    private final Map<String, ArrayDeque<Connection>> idle = new ConcurrentHashMap<>();
    private final Set<Connection> inUse = ConcurrentHashMap.newKeySet();
    private final Thread watchdog = Thread.ofVirtual().name("piece-watchdog").unstarted(this::closeStalled);

    private Connections(Duration connectTimeout, Duration readTimeout) {
        this.connectTimeout = connectTimeout;
        this.readTimeout = readTimeout;
    }

    /**
     * Starts the watchdog.
     *
     * @param readTimeout how long a parent may send nothing
     */
    public static Connections start(Duration connectTimeout, Duration readTimeout) {
        var connections = new Connections(connectTimeout, readTimeout);
        connections.watchdog.start();
        return connections;
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

    /** The connection is done with; it is kept when {@code keep}. */
    void release(Connection connection, boolean keep) {
        inUse.remove(connection);
        if (keep) {
            giveBack(connection.address(), connection);
        } else {
            connection.close();
        }
    }

    /** @throws CodedException CLIENT_CONNECTION_ERROR if nobody answers there */
    Connection connect(String address) {
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
            var connection = new Connection(address, socket);
            inUse.add(connection);
            return connection;
        } catch (IOException | IllegalArgumentException e) {
            throw new CodedException(ErrorCode.CLIENT_CONNECTION_ERROR, "parent " + address + ": " + reason(e), e);
        }
    }

    /** A kept connection, which the parent may have closed in the meantime; null when there is none. */
    @Nullable
    Connection reuse(String address) {
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

    static String reason(Exception failure) {
        if (failure instanceof ClosedChannelException) {
            return "nothing came for too long";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /** One socket to a parent; used by one thread at a time. */
    static final class Connection {
        private final String address;
        private final SocketChannel socket;
        private volatile long busySince;
        private volatile boolean busy;
        private long idleSince;
        private boolean reused;

        Connection(String address, SocketChannel socket) {
            this.address = address;
            this.socket = socket;
        }

        String address() {
            return address;
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
