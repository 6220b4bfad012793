package dev.darter.app.cli.lean;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/** One call to a daemon over its unix socket. Used by one thread. */
public final class DaemonConnection implements AutoCloseable {
    private static final String DOWNLOAD = "/dfdaemon.Daemon/Download";
    private static final String CHECK_HEALTH = "/dfdaemon.Daemon/CheckHealth";

    /** A living daemon greets within milliseconds; a stopped one never does, though the kernel accepts for it. */
    private static final long GREETING_MILLIS = 30_000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SocketChannel channel;
    private final GrpcCall call;
    private volatile boolean expired;
    private long started;
    private long timeoutNanos;

    private DaemonConnection(SocketChannel channel) {
        this.channel = channel;
        this.call = new GrpcCall(channel);
    }

    /** @throws IOException if nobody listens there */
    public static DaemonConnection open(Path socket) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new DaemonConnection(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Asks for a download and returns at once; {@link #next} tells how it goes. */
    public void download(DownloadRequest request) throws CallFailed {
        start(DOWNLOAD, request.encode(), request.timeoutMillis());
    }

    /**
     * Waits for the next step of the download.
     *
     * @return empty when there is none any more
     * @throws CallFailed if the download failed, its time is over, or the daemon went away
     */
    public Optional<DownloadProgress> next() throws CallFailed {
        try {
            Optional<byte[]> message = call.next();
            return message.isPresent() ? Optional.of(DownloadProgress.decode(message.get())) : Optional.empty();
        } catch (IOException e) {
            throw broken(e);
        } catch (CallFailed e) {
            // The daemon keeps the same time, and may be the first to end the call.
            throw e.status() == CallFailed.CANCELED && isOver() ? timeIsOver() : e;
        }
    }

    /** Returns when the daemon says that it works. */
    public void checkHealth(long timeoutMillis) throws CallFailed {
        start(CHECK_HEALTH, new byte[0], timeoutMillis);
        try {
            while (call.next().isPresent()) {
                // its one answer is empty
            }
        } catch (IOException e) {
            throw broken(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // whatever was to be said was said
        }
    }

    private void start(String path, byte[] message, long timeoutMillis) throws CallFailed {
        started = System.nanoTime();
        timeoutNanos = timeoutMillis * NANOS_PER_MILLI;
        Thread.ofPlatform().daemon().name("deadline").start(() -> keepTime(timeoutMillis));
        try {
            call.start(path, message, timeoutMillis);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Closes the channel when time is over; whoever waits for it then fails. */
    private void keepTime(long timeoutMillis) {
        try {
            long untilGreeting = timeoutMillis > 0 ? Math.min(timeoutMillis, GREETING_MILLIS) : GREETING_MILLIS;
            Thread.sleep(untilGreeting);
            if (call.isGreeted()) {
                if (timeoutMillis <= 0) {
                    return;
                }
                Thread.sleep(timeoutMillis - untilGreeting);
            }
            expired = true;
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CallFailed broken(IOException failure) {
        if (expired) {
            return call.isGreeted()
                    ? timeIsOver()
                    : new CallFailed(CallFailed.DEADLINE_EXCEEDED, "the daemon accepts but does not answer");
        }
        return new CallFailed(CallFailed.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }

    private boolean isOver() {
        return timeoutNanos > 0 && System.nanoTime() - started >= timeoutNanos;
    }

    private static CallFailed timeIsOver() {
        return new CallFailed(CallFailed.DEADLINE_EXCEEDED, "context deadline exceeded");
    }
}
