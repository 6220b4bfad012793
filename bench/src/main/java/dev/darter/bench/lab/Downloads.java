package dev.darter.bench.lab;

import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks daemons for one file over their unix sockets, all at once or one after the other, and takes the times. One thread for each daemon;
 * a thread only writes what is its own, and the caller reads it after joining.
 */
final class Downloads {
    private static final double NANOS = 1e9;

    private static final long POINT_NANOS = 100_000_000;

    private final boolean pipe;
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicLong firstRequest = new AtomicLong(Long.MAX_VALUE);
    private final List<One> all = new ArrayList<>();

    /** @param pipe whether the content is read in order while it lands, and written here */
    Downloads(boolean pipe) {
        this.pipe = pipe;
    }

    /** One daemon's download. */
    private final class One implements Runnable {
        private final String name;
        private final boolean counts;
        private final double startAfter;
        private final DaemonClient client;
        private final DaemonClient.Download download;
        private final List<long[]> points = new ArrayList<>();
        private final Thread thread;
        private long requested;
        private long ended;
        private String failure = "";
        private long written;
        private boolean firstSeen;
        private DaemonClient.Progress last = new DaemonClient.Progress("", "", 0, false, -1, 0, 0, 0);

        private One(
                String name, boolean counts, double startAfter, DaemonClient client, DaemonClient.Download download) {
            this.name = name;
            this.counts = counts;
            this.startAfter = startAfter;
            this.client = client;
            this.download = download;
            this.thread = Thread.ofPlatform().name("download-" + name).unstarted(this);
        }

        @Override
        public void run() {
            try {
                go.await();
                Thread.sleep(Duration.ofNanos((long) (startAfter * NANOS)));
                requested = System.nanoTime();
                firstRequest.accumulateAndGet(requested, Math::min);
                last = pipe ? read() : client.download(download, progress -> point(progress.completed()));
                ended = System.nanoTime();
                if (!last.done()) {
                    failure = "the answer ended early";
                }
            } catch (IOException e) {
                ended = System.nanoTime();
                failure = "output: " + e.getMessage();
            } catch (RuntimeException e) {
                // Whatever the client throws: a code of the daemon's, or that the connection broke.
                ended = System.nanoTime();
                failure = String.valueOf(e.getMessage());
            } catch (InterruptedException e) {
                ended = System.nanoTime();
                failure = "cut off";
            }
        }

        /** As a program behind a pipe does it. Points are of bytes that came in order. */
        private DaemonClient.Progress read() throws IOException {
            try (var out = FileChannel.open(
                    download.output(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                return client.read(download, bytes -> {
                    try {
                        while (bytes.hasRemaining()) {
                            written += out.write(bytes);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    boolean first = written >= PeerResult.FIRST_BYTES && !firstSeen;
                    firstSeen |= first;
                    if (first || points.isEmpty() || System.nanoTime() - points.getLast()[0] >= POINT_NANOS) {
                        point(written);
                    }
                });
            }
        }

        private void point(long bytes) {
            points.add(new long[] {System.nanoTime(), bytes});
        }
    }

    void add(
            String name,
            boolean counts,
            double startAfter,
            DaemonClient client,
            String url,
            Path output,
            Duration timeout) {
        all.add(new One(
                name,
                counts,
                startAfter,
                client,
                new DaemonClient.Download(url, UrlMeta.NONE, output, timeout, 0, false, false)));
    }

    /** Sends the first requests. */
    void start() {
        all.forEach(one -> one.thread.start());
        go.countDown();
    }

    /** Returns when all that count have ended. */
    void awaitCounting() throws InterruptedException {
        for (One one : all) {
            if (one.counts) {
                one.thread.join();
            }
        }
    }

    /** Cuts off those that do not count. */
    void cutOff() throws InterruptedException {
        for (One one : all) {
            if (!one.counts) {
                one.thread.interrupt();
                one.thread.join();
            }
        }
    }

    /** After all have ended. */
    List<PeerResult> results() {
        long zero = firstRequest.get();
        return all.stream().map(one -> result(one, zero)).toList();
    }

    private static PeerResult result(One one, long zero) {
        return new PeerResult(
                one.name,
                one.counts,
                (one.requested - zero) / NANOS,
                (one.ended - zero) / NANOS,
                one.failure.isEmpty() ? PeerResult.Outcome.DONE : PeerResult.Outcome.FAILED,
                one.failure,
                one.last.local(),
                one.last.peer(),
                one.last.origin(),
                one.points.stream()
                        .map(point -> new PeerResult.Point((point[0] - zero) / NANOS, point[1]))
                        .toList());
    }
}
