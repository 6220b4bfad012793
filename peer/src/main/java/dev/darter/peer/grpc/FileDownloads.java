package dev.darter.peer.grpc;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.peer.storage.Output;
import dev.darter.peer.storage.Placement;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.storage.UnixUser;
import dev.darter.peer.task.BytesBySource;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskMetrics;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Tasks;
import dev.darter.peer.task.Wish;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.CallerContext;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Downloads for tools on this host: to files, or to the tool itself. */
final class FileDownloads {
    private static final Duration PROGRESS = Duration.ofMillis(100);

    /** Worth a thread that copies it; what is left at the end takes a few milliseconds. */
    private static final long COPY_BYTES = 4L << 20;

    private final Tasks tasks;
    private final TaskMetrics metrics;
    private final long ownMountNamespace;

    FileDownloads(Tasks tasks, TaskMetrics metrics) {
        this.tasks = tasks;
        this.metrics = metrics;
        this.ownMountNamespace = mountNamespace();
    }

    /**
     * Downloads and tells the tool of the progress; the last message comes when the file is in its place.
     *
     * @throws CodedException why it failed
     */
    void run(DownRequest request, StreamObserver<DownResult> out) {
        UnixUser user = caller();
        if (request.getRecursive()) {
            throw Status.UNIMPLEMENTED
                    .withDescription("recursive: true (expected: false; an http origin lists no directories)")
                    .asRuntimeException();
        }
        if (!request.getStream()) {
            checkMountNamespace(request);
        }
        Path output = Path.of(request.getOutput());
        if (!request.getStream() && !output.isAbsolute()) {
            throw new IllegalArgumentException("output: " + output + " (expected: an absolute path)");
        }
        TaskSpec spec = TaskSpec.of(request.getUrl(), CommonMapper.urlMeta(request.getUrlMeta()));
        var wish = new Wish(request.getLimit(), !request.getDisableBackSource());
        metrics.fileAsked();
        try {
            Joined joined = tasks.join(spec, wish);
            if (request.getStream()) {
                StreamedDownload.start(
                        joined, request, sha256(joined, spec), (ServerCallStreamObserver<DownResult>) out);
                return;
            }
            try (var place = new Place(joined, placement(joined, spec, request, output, user))) {
                if (await(joined, request, place, out)) {
                    place.current().finish();
                    var last = message(joined, request).setDone(true);
                    sha256(joined, spec).ifPresent(last::setSha256);
                    out.onNext(last.build());
                    out.onCompleted();
                }
            }
        } catch (OriginException e) {
            // Tools get a coded failure; the origin's own status goes to other daemons only.
            throw new CodedException(e.code(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CodedException(ErrorCode.CLIENT_ERROR, "storage: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new CodedException(ErrorCode.CLIENT_CONTEXT_CANCELED, "the daemon stops", e);
        }
    }

    /** Who asks, as the kernel says; output is for local tools, so nobody may ask from elsewhere. */
    static UnixUser caller() {
        var caller = CallerContext.current();
        return caller.unix()
                .map(unix -> UnixUser.of(unix.uid(), unix.gid(), unix.pid()))
                .orElseThrow(() -> Status.UNAUTHENTICATED
                        .withDescription("caller: "
                                + caller.address().map(Object::toString).orElse("unknown")
                                + " (expected: a tool on the unix socket)")
                        .asRuntimeException());
    }

    /** Tells of progress until all bytes are here; false when the tool is gone. */
    private static boolean await(Joined joined, DownRequest request, Place place, StreamObserver<DownResult> out)
            throws IOException, InterruptedException {
        long told = 0;
        long copied = 0;
        while (!joined.await(PROGRESS)) {
            if (Context.current().isCancelled()) {
                return false; // the download goes on: others may want it, and the tool may come back
            }
            long completed = joined.completedBytes();
            if (completed > told) {
                told = completed;
                if (completed - copied >= COPY_BYTES) {
                    copied = completed;
                    place.current().advance();
                }
                out.onNext(message(joined, request).build());
            }
        }
        return true;
    }

    private static Placement placement(Joined joined, TaskSpec spec, DownRequest request, Path output, UnixUser user) {
        long at = request.getKeepOriginalOffset()
                ? spec.range().map(ByteRange::start).orElse(0L)
                : 0;
        return new Placement(output, joined.view(), at, Optional.of(user));
    }

    /** The output of the content that the download fills now: one that finds its origin changed begins anew with other content. */
    private static final class Place implements AutoCloseable {
        private final Joined joined;
        private final Placement placement;
        private Optional<TaskContent> content = Optional.empty();
        private Optional<Output> output = Optional.empty();

        Place(Joined joined, Placement placement) {
            this.joined = joined;
            this.placement = placement;
        }

        Output current() throws IOException, InterruptedException {
            TaskContent now = joined.content();
            if (content.filter(now::equals).isEmpty()) {
                close();
                output = Optional.of(now.placing(placement));
                content = Optional.of(now);
            }
            return output.orElseThrow();
        }

        @Override
        public void close() {
            output.ifPresent(Output::close);
            output = Optional.empty();
            content = Optional.empty();
        }
    }

    static DownResult.Builder message(Joined joined, DownRequest request) throws IOException, InterruptedException {
        BytesBySource sources = joined.sources();
        var message = DownResult.newBuilder()
                .setTaskId(joined.task().value())
                .setPeerId(joined.peer().value())
                .setCompletedLength(joined.completedBytes())
                .setOutput(request.getOutput())
                .addDarterFeatures(Features.MARK)
                .setLocalBytes(sources.local())
                .setPeerBytes(sources.peer())
                .setOriginBytes(sources.origin());
        if (joined.view().isPresent()) {
            message.setTotalLength(joined.view().get().length());
        } else {
            joined.content().length().ifPresent(message::setTotalLength);
        }
        return message;
    }

    /** Known without hashing when the request named it: the content was checked against it. */
    private static Optional<String> sha256(Joined joined, TaskSpec spec) {
        return spec.digest()
                .filter(digest -> digest.algorithm() == Digest.Algorithm.SHA256
                        && joined.view().isEmpty())
                .map(Digest::hex);
    }

    private void checkMountNamespace(DownRequest request) {
        long theirs = request.getMountNamespace();
        if (theirs != 0 && ownMountNamespace != 0 && theirs != ownMountNamespace) {
            throw new CodedException(
                    ErrorCode.BAD_REQUEST,
                    "mount namespace: " + theirs + " (expected: " + ownMountNamespace
                            + ", the daemon's; a path means another file there)");
        }
    }

    /** The inode that names the mount namespace of this process; 0 where the system does not say. */
    private static long mountNamespace() {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
            return Long.parseLong(link.replaceAll("\\D", ""));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
