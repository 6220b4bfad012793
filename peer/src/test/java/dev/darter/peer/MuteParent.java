package dev.darter.peer;

import dev.darter.core.NetAddress;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A parent that answers the first question and then says nothing more, as a host that has hung. */
final class MuteParent extends DaemonGrpc.DaemonImplBase implements AutoCloseable {
    private final GrpcServer server;
    private final List<PieceTaskRequest> requests = new CopyOnWriteArrayList<>();

    MuteParent(RpcRuntime runtime) throws IOException {
        server =
                GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of(this))), true);
    }

    NetAddress address() {
        return new NetAddress("127.0.0.1", server.port());
    }

    List<PieceTaskRequest> requests() {
        return requests;
    }

    @Override
    public StreamObserver<PieceTaskRequest> syncPieceTasks(StreamObserver<PiecePacket> out) {
        return new StreamObserver<>() {
            @Override
            public void onNext(PieceTaskRequest request) {
                requests.add(request);
                if (requests.size() == 1) {
                    out.onNext(PiecePacket.newBuilder()
                            .setTaskId(request.getTaskId())
                            .setDstPid(request.getDstPid())
                            .setDstAddr("127.0.0.1:1")
                            .setTotalPiece(-1)
                            .setContentLength(-1)
                            .build());
                }
            }

            @Override
            public void onError(Throwable failure) {
                // the child hung up
            }

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
    }
}
