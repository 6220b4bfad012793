package dev.darter.peer;

import com.google.protobuf.Empty;
import dev.darter.core.NetAddress;
import dev.darter.proto.manager.v1.KeepAliveRequest;
import dev.darter.proto.manager.v1.ListSchedulersRequest;
import dev.darter.proto.manager.v1.ListSchedulersResponse;
import dev.darter.proto.manager.v1.ManagerGrpc;
import dev.darter.proto.manager.v1.Scheduler;
import dev.darter.proto.manager.v1.SeedPeer;
import dev.darter.proto.manager.v1.UpdateSeedPeerRequest;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A v1 manager that lists given schedulers and remembers who entered itself. */
public final class FakeManager extends ManagerGrpc.ManagerImplBase implements AutoCloseable {
    private final GrpcServer server;
    private final List<NetAddress> schedulers;
    private final List<ListSchedulersRequest> lists = new CopyOnWriteArrayList<>();
    private final List<UpdateSeedPeerRequest> seeds = new CopyOnWriteArrayList<>();
    private final List<KeepAliveRequest> keepAlives = new CopyOnWriteArrayList<>();

    private FakeManager(RpcRuntime runtime, int port, List<NetAddress> schedulers) throws IOException {
        this.schedulers = schedulers;
        server = GrpcServer.start(
                runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", port, port, List.of(this))), true);
    }

    public static FakeManager start(RpcRuntime runtime, NetAddress... schedulers) throws IOException {
        return new FakeManager(runtime, 0, List.of(schedulers));
    }

    public static FakeManager restart(RpcRuntime runtime, NetAddress address, NetAddress... schedulers)
            throws IOException {
        return new FakeManager(runtime, address.port(), List.of(schedulers));
    }

    public NetAddress address() {
        return new NetAddress("127.0.0.1", server.port());
    }

    public List<ListSchedulersRequest> lists() {
        return lists;
    }

    public List<UpdateSeedPeerRequest> seeds() {
        return seeds;
    }

    public List<KeepAliveRequest> keepAlives() {
        return keepAlives;
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
    }

    @Override
    public void listSchedulers(ListSchedulersRequest request, StreamObserver<ListSchedulersResponse> out) {
        lists.add(request);
        var answer = ListSchedulersResponse.newBuilder();
        schedulers.forEach(scheduler -> answer.addSchedulers(Scheduler.newBuilder()
                .setIp(scheduler.host())
                .setHostname("localhost")
                .setPort(scheduler.port())
                .setState("active")
                .setSchedulerClusterId(7)));
        out.onNext(answer.build());
        out.onCompleted();
    }

    @Override
    public void updateSeedPeer(UpdateSeedPeerRequest request, StreamObserver<SeedPeer> out) {
        seeds.add(request);
        out.onNext(SeedPeer.newBuilder().setHostname(request.getHostname()).build());
        out.onCompleted();
    }

    @Override
    public StreamObserver<KeepAliveRequest> keepAlive(StreamObserver<Empty> out) {
        return new StreamObserver<>() {
            @Override
            public void onNext(KeepAliveRequest request) {
                keepAlives.add(request);
            }

            @Override
            public void onError(Throwable failure) {
                // the seed peer is gone
            }

            @Override
            public void onCompleted() {
                out.onNext(Empty.getDefaultInstance());
                out.onCompleted();
            }
        };
    }
}
