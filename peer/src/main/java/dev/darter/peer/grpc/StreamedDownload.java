package dev.darter.peer.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.Joined;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One download whose bytes go to the tool itself, from front to back while they land.
 *
 * <p><b>What may be given.</b> Only blocks that storage shows, so each was verified. The last block is held back until the whole download
 * has ended well, which includes the digest that the request may name: whoever reads to the end has content that is as good as a
 * file's, and whoever does not was told why. While the length is unknown, any block may turn out to be the last.
 *
 * <p><b>Two versions are never mixed.</b> A download that finds its origin changed begins anew with other content; once bytes of the first
 * have left, the stream fails instead.
 *
 * <p>A tool that goes away ends the stream and not the download: others may want the content, and the tool may come back. That
 * is so with files too.
 */
final class StreamedDownload implements Runnable {
    /** Two windows of HTTP/2: enough to keep a tool busy, little to keep for one that does not read. */
    private static final int CHUNK = 128 << 10;

    private static final Duration PROGRESS = Duration.ofMillis(100);
    private static final long READY_MILLIS = 1000;

    private final Joined joined;
    private final DownRequest request;
    private final Optional<String> sha256;
    private final ServerCallStreamObserver<DownResult> out;
    private final Semaphore ready = new Semaphore(0);
    private Optional<TaskContent> given = Optional.empty();
    private long sent;
    private long told;

    /** @param sha256 of the content, where the request named it */
    private StreamedDownload(
            Joined joined, DownRequest request, Optional<String> sha256, ServerCallStreamObserver<DownResult> out) {
        this.joined = joined;
        this.request = request;
        this.sha256 = sha256;
        this.out = out;
    }

    /** Begins and returns at once: the call's own thread has to be free to say when the tool can take more. */
    static void start(
            Joined joined, DownRequest request, Optional<String> sha256, ServerCallStreamObserver<DownResult> out) {
        var stream = new StreamedDownload(joined, request, sha256, out);
        out.setOnReadyHandler(stream.ready::release);
        out.setOnCancelHandler(stream.ready::release);
        Thread.ofVirtual().name("stream-" + joined.task().prefix()).start(stream);
    }

    @Override
    public void run() {
        try {
            if (sendAll()) {
                var last = FileDownloads.message(joined, request).setDone(true);
                sha256.ifPresent(last::setSha256);
                out.onNext(last.build());
                out.onCompleted();
            }
        } catch (OriginException e) {
            out.onError(new CodedException(e.code(), String.valueOf(e.getMessage()), e));
        } catch (IOException e) {
            out.onError(new CodedException(ErrorCode.CLIENT_ERROR, "storage: " + e.getMessage(), e));
        } catch (InterruptedException e) {
            out.onError(new CodedException(ErrorCode.CLIENT_CONTEXT_CANCELED, "the daemon stops", e));
        } catch (RuntimeException e) {
            out.onError(e);
        }
    }

    /** @return false when the tool is gone */
    private boolean sendAll() throws IOException, InterruptedException {
        while (!out.isCancelled()) {
            TaskContent content = joined.content();
            if (sent > 0 && !given.equals(Optional.of(content))) {
                throw new CodedException(
                        ErrorCode.CLIENT_ERROR,
                        "content: it changed at its origin after " + sent
                                + " bytes were given (expected: the same; ask again)");
            }
            given = Optional.of(content);
            try (ContentReader reader = content.read()) {
                return sendAll(content, reader);
            } catch (CodedException e) {
                if (content.failure().isEmpty()) {
                    throw e;
                }
                var _ = joined.await(PROGRESS); // tells why it failed, unless it begins anew
            }
        }
        return false;
    }

    private boolean sendAll(TaskContent content, ContentReader reader) throws IOException, InterruptedException {
        long start = joined.view().map(ByteRange::start).orElse(0L);
        while (!out.isCancelled()) {
            boolean whole = joined.await(Duration.ZERO);
            if (whole && !joined.content().equals(content)) {
                return sendAll();
            }
            long position = start + sent;
            long here = reader.available(position);
            long end = joined.view()
                    .map(ByteRange::end)
                    .orElseGet(() -> content.length().orElse(Long.MAX_VALUE));
            if (whole && position >= end) {
                return true;
            }
            long free = Math.min(here, (whole ? end : heldBack(content, position + here)) - position);
            if (free > 0) {
                send(reader, position, (int) Math.min(free, CHUNK));
            } else if (whole) {
                throw new CodedException(
                        ErrorCode.CLIENT_ERROR,
                        "content: damaged at byte " + position + " (expected: what was verified before; ask again)");
            } else if (position + here >= end) {
                var _ = joined.await(PROGRESS); // only the last block is left
                tellProgress();
            } else {
                long _ = reader.await(position + here, PROGRESS);
                tellProgress();
            }
        }
        return false;
    }

    /** From where on no byte is given yet. */
    private static long heldBack(TaskContent content, long readableUpTo) {
        int block = content.blockLength();
        if (block == 0) {
            return 0;
        }
        long length = content.length().orElse(readableUpTo);
        return length == 0 ? 0 : (length - 1) / block * block;
    }

    private void send(ContentReader reader, long position, int length) throws IOException, InterruptedException {
        if (!awaitReady()) {
            return;
        }
        byte[] bytes = new byte[length];
        int read = reader.read(position, ByteBuffer.wrap(bytes));
        sent += read;
        ByteString chunk = UnsafeByteOperations.unsafeWrap(bytes, 0, read);
        out.onNext(FileDownloads.message(joined, request).setContent(chunk).build());
    }

    private boolean awaitReady() throws InterruptedException {
        while (!out.isReady() && !out.isCancelled()) {
            var _ = ready.tryAcquire(READY_MILLIS, TimeUnit.MILLISECONDS);
        }
        return !out.isCancelled();
    }

    private void tellProgress() throws IOException, InterruptedException {
        long completed = joined.completedBytes();
        if (completed > told && out.isReady()) {
            told = completed;
            out.onNext(FileDownloads.message(joined, request).build());
        }
    }
}
