package dev.darter.peer.grpc;

import com.google.protobuf.Empty;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Tasks;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.StatTaskRequest;
import dev.darter.wire.map.CommonMapper;
import io.grpc.stub.StreamObserver;

/** What a daemon does for tools on its host, and tells its children. */
final class DaemonService extends DaemonGrpc.DaemonImplBase {
    private final Tasks tasks;
    private final PieceDirectory directory;

    DaemonService(Tasks tasks, PieceDirectory directory) {
        this.tasks = tasks;
        this.directory = directory;
    }

    @Override
    public void checkHealth(Empty request, StreamObserver<Empty> out) {
        out.onNext(Empty.getDefaultInstance());
        out.onCompleted();
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
        TaskSpec spec = TaskSpec.of(request.getUrl(), CommonMapper.urlMeta(request.getUrlMeta()));
        if (tasks.held(spec).isEmpty()) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task not found in local cache");
        }
        out.onNext(Empty.getDefaultInstance());
        out.onCompleted();
    }
}
