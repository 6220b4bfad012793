package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.TaskId;
import dev.darter.source.SourceRequest;
import dev.darter.source.SourceStream;
import dev.darter.source.Sources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A download without any daemon: one request to the origin, into a hidden file beside the output, checked, renamed. */
final class SourceDownload {
    private static final int BUFFER = 256 << 10;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Wanted wanted;
    private final Report report;

    private SourceDownload(Wanted wanted, Report report) {
        this.wanted = wanted;
        this.report = report;
    }

    /**
     * Downloads.
     *
     * @param began the nano time from which the user's timeout counts
     * @throws ToolException why it failed
     */
    static DownloadProgress run(Wanted wanted, long began, Report report) {
        var download = new SourceDownload(wanted, report);
        var result = new CompletableFuture<DownloadProgress>();
        var worker = Thread.ofVirtual().start(() -> {
            try {
                result.complete(download.run());
            } catch (Throwable e) { // handed to the caller, whatever it is
                result.completeExceptionally(e);
            }
        });
        try {
            if (!wanted.timeout().isPositive()) {
                return result.get();
            }
            long left = wanted.timeout().toNanos() - (System.nanoTime() - began);
            return result.get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new ToolException(
                    "--timeout: " + Bar.seconds(wanted.timeout().toNanos()) + " s are over (expected: more time)");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case ToolException known -> known;
                case CodedException origin -> new ToolException(String.valueOf(origin.getMessage()));
                case null, default -> new ToolException("source: " + e.getCause());
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("source: interrupted");
        } finally {
            worker.interrupt();
        }
    }

    private DownloadProgress run() throws InterruptedException {
        Optional<ByteRange> range = wanted.meta().range().isEmpty()
                ? Optional.empty()
                : Optional.of(ByteRange.parse(wanted.meta().range(), -1));
        try (var sources = Sources.standard();
                SourceStream stream = sources.open(
                        new SourceRequest(wanted.url(), wanted.meta().header(), range))) {
            return store(stream);
        }
    }

    private DownloadProgress store(SourceStream stream) throws InterruptedException {
        Path output = wanted.output();
        try {
            Files.createDirectories(output.getParent());
            // Not a temporary file of the JDK: that would be readable for its owner alone.
            Path temporary = output.resolveSibling(
                    ".df_" + ProcessHandle.current().pid() + "_" + Long.toHexString(System.nanoTime()));
            try {
                DownloadProgress last = copy(stream, temporary);
                Files.move(temporary, output, StandardCopyOption.ATOMIC_MOVE);
                return last;
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new ToolException("output: " + output + " cannot be written: " + e.getMessage());
        }
    }

    private DownloadProgress copy(SourceStream stream, Path temporary) throws IOException, InterruptedException {
        Optional<Digest> digest = wanted.meta().digest().isEmpty()
                ? Optional.empty()
                : Optional.of(Digest.parse(wanted.meta().digest()));
        Optional<MessageDigest> hash = digest.map(wish -> wish.algorithm().newMessageDigest());
        long began = System.nanoTime();
        String task = TaskId.v1(wanted.url(), wanted.meta()).value();
        long total = stream.length().orElse(-1);
        long bytes = 0;
        try (var file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var buffer = ByteBuffer.allocate(BUFFER);
            while (read(stream, buffer) >= 0) {
                buffer.flip();
                hash.ifPresent(known -> known.update(buffer.duplicate()));
                bytes += buffer.remaining();
                keepRate(bytes, began);
                while (buffer.hasRemaining()) {
                    var _ = file.write(buffer);
                }
                buffer.clear();
                report.progress(new DownloadProgress(task, bytes, false, total, 0, 0, bytes, ""));
            }
        }
        if (digest.isPresent()) {
            String found = Digest.hex(hash.orElseThrow().digest());
            if (!found.equals(digest.get().hex())) {
                throw new ToolException("digest: " + digest.get().algorithm().wireName() + ":" + found + " (expected: "
                        + digest.get() + ")");
            }
        }
        return new DownloadProgress(task, bytes, true, bytes, 0, 0, bytes, "");
    }

    /** Waits until so many bytes may have come. */
    private void keepRate(long bytes, long began) throws InterruptedException {
        if (wanted.bytesPerSecond() > 0) {
            long due = began + (long) (bytes / wanted.bytesPerSecond() * NANOS_PER_SECOND);
            Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
        }
    }

    private static int read(SourceStream stream, ByteBuffer buffer) {
        try {
            return stream.read(buffer);
        } catch (IOException e) {
            throw new ToolException("origin: " + e.getMessage());
        }
    }
}
