package dev.darter.wire.client;

import com.google.protobuf.Empty;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.DeleteTaskRequest;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One daemon: a tool's own over its unix socket, or a parent over TCP. Any thread may call it. */
public final class DaemonClient implements AutoCloseable {
    private final RpcRuntime runtime;
    private final ManagedChannel channel;

    private DaemonClient(RpcRuntime runtime, ManagedChannel channel) {
        this.runtime = runtime;
        this.channel = channel;
    }

    public static DaemonClient unix(RpcRuntime runtime, Path socket) {
        return new DaemonClient(runtime, Channels.unix(runtime, socket));
    }

    public static DaemonClient tcp(RpcRuntime runtime, String host, int port) {
        return new DaemonClient(runtime, Channels.tcp(runtime, host, port));
    }

    /** Whether the daemon answers. */
    public boolean isHealthy(Duration timeout) {
        try {
            var _ = DaemonGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .checkHealth(Empty.getDefaultInstance());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /**
     * What a tool asks its daemon for.
     *
     * @param output absolute
     * @param bytesPerSecond 0 for no limit
     * @param disableBackSource whether the daemon must not read the origin for this request
     * @param keepOriginalOffset whether a range lies in the output where it lies in the content
     */
    public record Download(
            String url,
            UrlMeta meta,
            Path output,
            Duration timeout,
            double bytesPerSecond,
            boolean disableBackSource,
            boolean keepOriginalOffset) {}

    /**
     * How far a download is.
     *
     * @param total bytes of the content; -1 while unknown or when the daemon does not say
     * @param local bytes that were on this host before
     * @param peer bytes from other peers
     * @param origin bytes that this host read from the origin
     */
    public record Progress(
            String task, String peerId, long completed, boolean done, long total, long local, long peer, long origin) {}

    /** Downloads to a file and tells {@code listener} of every step; returns the last one. */
    public Progress download(Download download, Consumer<Progress> listener) {
        return download(
                request(download).setOutput(download.output().toString()).build(),
                download.timeout(),
                result -> listener.accept(progress(result)));
    }

    /**
     * Downloads and hands over the bytes from front to back while they land; no file is made, {@code output} means nothing.
     *
     * @param bytes takes what comes next; the daemon waits while it does not return
     * @return the last step; the content is whole only when it says that it is done
     */
    public Progress read(Download download, Consumer<ByteBuffer> bytes) {
        return download(request(download).setStream(true).build(), download.timeout(), result -> {
            if (!result.getContent().isEmpty()) {
                bytes.accept(result.getContent().asReadOnlyByteBuffer());
            }
        });
    }

    private static DownRequest.Builder request(Download download) {
        return DownRequest.newBuilder()
                .setUrl(download.url())
                .setTimeout(download.timeout().toNanos())
                .setLimit(download.bytesPerSecond())
                .setDisableBackSource(download.disableBackSource())
                .setUrlMeta(CommonMapper.urlMeta(download.meta()))
                .setKeepOriginalOffset(download.keepOriginalOffset());
    }

    private Progress download(DownRequest request, Duration timeout, Consumer<DownResult> listener) {
        try {
            var stub = DaemonGrpc.newBlockingStub(channel);
            if (timeout.isPositive()) {
                stub = stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
            var results = stub.download(request);
            Progress last = new Progress("", "", 0, false, -1, 0, 0, 0);
            while (results.hasNext()) {
                DownResult result = results.next();
                last = progress(result);
                listener.accept(result);
            }
            return last;
        } catch (StatusRuntimeException e) {
            throw RpcErrors.fromStatus(e);
        }
    }

    /** Makes the daemon forget a task and its bytes; outputs made from it stay. */
    public void delete(String url, UrlMeta meta) {
        var request = DeleteTaskRequest.newBuilder()
                .setUrl(url)
                .setUrlMeta(CommonMapper.urlMeta(meta))
                .build();
        try {
            var _ = DaemonGrpc.newBlockingStub(channel).deleteTask(request);
        } catch (StatusRuntimeException e) {
            throw RpcErrors.fromStatus(e);
        }
    }

    /** Opens the stream of piece announcements of a parent. */
    public PieceStream pieces(TaskId task, PeerId child, String parentId) {
        return new PieceStream(channel, task, child, parentId);
    }

    /** Opens the stream on which a Darter host tells of its blocks; {@code out} is called on other threads. */
    public BlockStream blocks(Consumer<BlockStream.News> out) {
        return new BlockStream(channel, runtime.eventLoop(), out);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static Progress progress(DownResult result) {
        return new Progress(
                result.getTaskId(),
                result.getPeerId(),
                result.getCompletedLength(),
                result.getDone(),
                result.hasTotalLength() ? result.getTotalLength() : -1,
                result.getLocalBytes(),
                result.getPeerBytes(),
                result.getOriginBytes());
    }
}
