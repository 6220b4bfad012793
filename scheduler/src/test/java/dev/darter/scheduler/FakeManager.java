package dev.darter.scheduler;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.darter.core.NetAddress;
import dev.darter.proto.manager.v2.DarterBorders;
import dev.darter.proto.manager.v2.GetSchedulerRequest;
import dev.darter.proto.manager.v2.KeepAliveRequest;
import dev.darter.proto.manager.v2.ListApplicationsRequest;
import dev.darter.proto.manager.v2.ListApplicationsResponse;
import dev.darter.proto.manager.v2.ListSchedulersRequest;
import dev.darter.proto.manager.v2.ListSchedulersResponse;
import dev.darter.proto.manager.v2.ManagerGrpc;
import dev.darter.proto.manager.v2.Scheduler;
import dev.darter.proto.manager.v2.SchedulerCluster;
import dev.darter.proto.manager.v2.SeedPeer;
import dev.darter.proto.manager.v2.UpdateSchedulerRequest;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A manager that names given seed peers to its scheduler, once that has entered itself, and remembers what it was told. */
final class FakeManager extends ManagerGrpc.ManagerImplBase implements AutoCloseable {
    private final List<SeedPeer> seeds;
    private final GrpcServer server;
    private final List<UpdateSchedulerRequest> updates = new CopyOnWriteArrayList<>();
    private final List<KeepAliveRequest> keepAlives = new CopyOnWriteArrayList<>();
    private final AtomicInteger openKeepAlives = new AtomicInteger();
    private volatile String scopes = "{}";
    private volatile Optional<DarterBorders> borders = Optional.empty();
    private volatile List<Long> strangers = List.of();
    private final AtomicInteger timesAskedForSchedulers = new AtomicInteger();
    private volatile boolean keepsSilentOnSchedulers;
    private volatile boolean keepsSilentOnApplications;

    private FakeManager(RpcRuntime runtime, int port, List<SeedPeer> seeds) throws IOException {
        this.seeds = seeds;
        server = GrpcServer.start(
                runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", port, port, List.of(this))), true);
    }

    static FakeManager start(RpcRuntime runtime, SeedPeer... seeds) throws IOException {
        return new FakeManager(runtime, 0, List.of(seeds));
    }

    static FakeManager restart(RpcRuntime runtime, NetAddress address, SeedPeer... seeds) throws IOException {
        return new FakeManager(runtime, address.port(), List.of(seeds));
    }

    NetAddress address() {
        return new NetAddress("127.0.0.1", server.port());
    }

    /** From now on it tells of these clusters, as ours does. */
    void tells(DarterBorders told) {
        borders = Optional.of(told);
    }

    /**
     * From now on it tells of scopes as v2.1.28's does.
     *
     * @param clusters in the order in which it offers them to a host that matches nowhere
     */
    void tells(String json, List<Long> clusters) {
        scopes = json;
        strangers = clusters;
    }

    /** From now on nobody learns of schedulers. */
    void keepSilentOnSchedulers() {
        keepsSilentOnSchedulers = true;
    }

    int timesAskedForSchedulers() {
        return timesAskedForSchedulers.get();
    }

    void keepSilentOnApplications() {
        keepsSilentOnApplications = true;
    }

    List<UpdateSchedulerRequest> updates() {
        return updates;
    }

    List<KeepAliveRequest> keepAlives() {
        return keepAlives;
    }

    int openKeepAlives() {
        return openKeepAlives.get();
    }

    @Override
    public void updateScheduler(UpdateSchedulerRequest request, StreamObserver<Scheduler> answer) {
        updates.add(request);
        answer.onNext(Scheduler.newBuilder().setId(1).build());
        answer.onCompleted();
    }

    @Override
    public void getScheduler(GetSchedulerRequest request, StreamObserver<Scheduler> answer) {
        if (updates.isEmpty()) {
            answer.onError(Status.INTERNAL.withDescription("record not found").asRuntimeException()); // as in the field
            return;
        }
        var scheduler = Scheduler.newBuilder()
                .setId(1)
                .setHostname(request.getHostname())
                .setSchedulerClusterId(1)
                .setSchedulerCluster(SchedulerCluster.newBuilder()
                        .setId(1)
                        .setConfig(ByteString.copyFromUtf8("{\"candidate_parent_limit\":4,\"filter_parent_limit\":15}"))
                        .setClientConfig(ByteString.copyFromUtf8("{\"load_limit\":50}"))
                        .setScopes(ByteString.copyFromUtf8(scopes)))
                .addAllSeedPeers(seeds);
        borders.ifPresent(scheduler::setDarterBorders);
        answer.onNext(scheduler.build());
        answer.onCompleted();
    }

    @Override
    public void listSchedulers(ListSchedulersRequest request, StreamObserver<ListSchedulersResponse> answer) {
        timesAskedForSchedulers.incrementAndGet();
        if (keepsSilentOnSchedulers) {
            answer.onError(Status.INTERNAL.withDescription("no schedulers").asRuntimeException());
            return;
        }
        var schedulers = ListSchedulersResponse.newBuilder();
        strangers.forEach(cluster ->
                schedulers.addSchedulers(Scheduler.newBuilder().setId(cluster).setSchedulerClusterId(cluster)));
        answer.onNext(schedulers.build());
        answer.onCompleted();
    }

    /** As a manager of the field answers that has none. */
    @Override
    public void listApplications(ListApplicationsRequest request, StreamObserver<ListApplicationsResponse> answer) {
        var status = keepsSilentOnApplications ? Status.INTERNAL : Status.NOT_FOUND;
        answer.onError(status.withDescription("no application").asRuntimeException());
    }

    @Override
    public StreamObserver<KeepAliveRequest> keepAlive(StreamObserver<Empty> answer) {
        openKeepAlives.incrementAndGet();
        return new StreamObserver<>() {
            @Override
            public void onNext(KeepAliveRequest request) {
                keepAlives.add(request);
            }

            @Override
            public void onError(Throwable failure) {
                openKeepAlives.decrementAndGet();
            }

            @Override
            public void onCompleted() {
                openKeepAlives.decrementAndGet();
                answer.onNext(Empty.getDefaultInstance());
                answer.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
    }
}
