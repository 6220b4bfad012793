package dev.darter.peer.grpc;

import com.google.protobuf.Empty;
import dev.darter.core.TaskType;
import dev.darter.peer.task.CacheTasks;
import dev.darter.peer.task.TaskSpec;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.common.v1.UrlMeta;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.DeleteTaskRequest;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.proto.dfdaemon.v1.ExportTaskRequest;
import dev.darter.proto.dfdaemon.v1.ImportTaskRequest;
import dev.darter.proto.dfdaemon.v1.StatTaskRequest;
import dev.darter.wire.map.CommonMapper;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;

/** What a daemon does for tools on its host, and tells its children. */
final class DaemonService extends DaemonGrpc.DaemonImplBase {
    private final PieceDirectory directory;
    private final FileDownloads downloads;
    private final CacheTasks cache;

    DaemonService(PieceDirectory directory, FileDownloads downloads, CacheTasks cache) {
        this.directory = directory;
        this.downloads = downloads;
        this.cache = cache;
    }

    @Override
    public void checkHealth(Empty request, StreamObserver<Empty> out) {
        done(out);
    }

    @Override
    public void download(DownRequest request, StreamObserver<DownResult> out) {
        downloads.run(request, out);
    }

    @Override
    public void getPieceTasks(PieceTaskRequest request, StreamObserver<PiecePacket> out) {
        out.onNext(directory.window(request));
        out.onCompleted();
    }

    @Override
    public StreamObserver<PieceTaskRequest> syncPieceTasks(StreamObserver<PiecePacket> out) {
        return PieceSync.open(directory, out);
    }

    @Override
    public void statTask(StatTaskRequest request, StreamObserver<Empty> out) {
        cache.stat(spec(request.getUrl(), request.getUrlMeta()), request.getLocalOnly());
        done(out);
    }

    @Override
    public void importTask(ImportTaskRequest request, StreamObserver<Empty> out) {
        cache.importFile(
                spec(request.getUrl(), request.getUrlMeta()),
                Path.of(request.getPath()),
                type(request.getTypeValue()),
                FileDownloads.caller());
        done(out);
    }

    @Override
    public void exportTask(ExportTaskRequest request, StreamObserver<Empty> out) {
        cache.export(
                spec(request.getUrl(), request.getUrlMeta()),
                Path.of(request.getOutput()),
                request.getLimit(),
                request.getLocalOnly(),
                FileDownloads::caller);
        done(out);
    }

    @Override
    public void deleteTask(DeleteTaskRequest request, StreamObserver<Empty> out) {
        cache.delete(spec(request.getUrl(), request.getUrlMeta()));
        done(out);
    }

    private static TaskSpec spec(String url, UrlMeta meta) {
        return TaskSpec.of(url, CommonMapper.urlMeta(meta));
    }

    private static TaskType type(int number) {
        return number >= 0 && number < TaskType.values().length ? TaskType.values()[number] : TaskType.DFCACHE;
    }

    private static void done(StreamObserver<Empty> out) {
        out.onNext(Empty.getDefaultInstance());
        out.onCompleted();
    }
}
