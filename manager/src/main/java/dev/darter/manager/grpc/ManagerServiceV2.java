package dev.darter.manager.grpc;

import com.google.protobuf.Empty;
import dev.darter.core.ClusterMatching;
import dev.darter.manager.cluster.Applications;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import dev.darter.proto.common.v2.Priority;
import dev.darter.proto.manager.v2.Application;
import dev.darter.proto.manager.v2.ApplicationPriority;
import dev.darter.proto.manager.v2.DarterBorders;
import dev.darter.proto.manager.v2.DarterCluster;
import dev.darter.proto.manager.v2.DeleteSeedPeerRequest;
import dev.darter.proto.manager.v2.GetSchedulerRequest;
import dev.darter.proto.manager.v2.GetSeedPeerRequest;
import dev.darter.proto.manager.v2.KeepAliveRequest;
import dev.darter.proto.manager.v2.ListApplicationsRequest;
import dev.darter.proto.manager.v2.ListApplicationsResponse;
import dev.darter.proto.manager.v2.ListSchedulersRequest;
import dev.darter.proto.manager.v2.ListSchedulersResponse;
import dev.darter.proto.manager.v2.ListSeedPeersRequest;
import dev.darter.proto.manager.v2.ListSeedPeersResponse;
import dev.darter.proto.manager.v2.ManagerGrpc;
import dev.darter.proto.manager.v2.Scheduler;
import dev.darter.proto.manager.v2.SchedulerCluster;
import dev.darter.proto.manager.v2.SeedPeer;
import dev.darter.proto.manager.v2.SeedPeerCluster;
import dev.darter.proto.manager.v2.SourceType;
import dev.darter.proto.manager.v2.URLPriority;
import dev.darter.proto.manager.v2.UpdateSchedulerRequest;
import dev.darter.proto.manager.v2.UpdateSeedPeerRequest;
import dev.darter.wire.metrics.ManagerMetrics;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** {@code manager.v2.Manager}, which schedulers call. Decode, one call, encode. */
public final class ManagerServiceV2 extends ManagerGrpc.ManagerImplBase {
    private final Answers answers;
    private final Instances instances;
    private final Registrations registrations;
    private final BooleanSupplier stopping;

    /**
     * @param failover whether callers are told of the schedulers of all clusters
     * @param stopping whether the manager stops
     */
    public ManagerServiceV2(
            Clusters clusters,
            Instances instances,
            Applications applications,
            boolean failover,
            ManagerMetrics metrics,
            InstantSource clock,
            BooleanSupplier stopping) {
        this.answers = new Answers(clusters, instances, applications, failover, metrics, clock);
        this.instances = instances;
        this.registrations = new Registrations(instances);
        this.stopping = stopping;
    }

    @Override
    public void listSchedulers(ListSchedulersRequest request, StreamObserver<ListSchedulersResponse> answer) {
        var caller = new ClusterMatching.Caller(request.getIp(), request.getIdc(), request.getLocation());
        var response = ListSchedulersResponse.newBuilder();
        for (Answers.SchedulerView view : answers.schedulersFor(caller, request.getVersion(), request.getCommit())) {
            var scheduler = encode(view.scheduler());
            view.seedPeers().forEach(seed -> scheduler.addSeedPeers(encode(seed.seedPeer())));
            response.addSchedulers(scheduler);
        }
        send(answer, response.build());
    }

    @Override
    public void getScheduler(GetSchedulerRequest request, StreamObserver<Scheduler> answer) {
        var view = answers.scheduler(request.getHostname(), request.getSchedulerClusterId());
        var scheduler = encode(view.scheduler())
                .setSchedulerCluster(encode(view.cluster()))
                .setDarterBorders(borders());
        view.seedPeers().forEach(seed -> scheduler.addSeedPeers(encode(seed)));
        send(answer, scheduler.build());
    }

    @Override
    public void updateScheduler(UpdateSchedulerRequest request, StreamObserver<Scheduler> answer) {
        var place =
                new Registrations.Place(request.getIdc(), request.getLocation(), request.getIp(), request.getPort());
        var row = registrations.scheduler(request.getHostname(), request.getSchedulerClusterId(), place);
        send(answer, encode(row).build());
    }

    @Override
    public void getSeedPeer(GetSeedPeerRequest request, StreamObserver<SeedPeer> answer) {
        var view = answers.seedPeer(request.getHostname(), request.getSeedPeerClusterId());
        var seedPeer = encode(view).toBuilder();
        answers.activeSchedulersOf(request.getSeedPeerClusterId())
                .forEach(scheduler -> seedPeer.addSchedulers(encode(scheduler)));
        send(answer, seedPeer.build());
    }

    @Override
    public void listSeedPeers(ListSeedPeersRequest request, StreamObserver<ListSeedPeersResponse> answer) {
        var response = ListSeedPeersResponse.newBuilder();
        answers.seedPeersBeside(request.getHostname(), request.getIp())
                .forEach(seed -> response.addSeedPeers(encode(seed)));
        send(answer, response.build());
    }

    @Override
    public void updateSeedPeer(UpdateSeedPeerRequest request, StreamObserver<SeedPeer> answer) {
        var place =
                new Registrations.Place(request.getIdc(), request.getLocation(), request.getIp(), request.getPort());
        var row = registrations.seedPeer(
                request.getHostname(),
                request.getSeedPeerClusterId(),
                place,
                Map.of("type", request.getType(), "download_port", request.getDownloadPort()),
                true);
        send(answer, encode(row).build());
    }

    @Override
    public void deleteSeedPeer(DeleteSeedPeerRequest request, StreamObserver<Empty> answer) {
        instances
                .seedPeer(request.getHostname(), request.getSeedPeerClusterId())
                .filter(seed -> request.getIp().isEmpty() || seed.ip().equals(request.getIp()))
                .ifPresent(seed -> instances.delete(Instances.Kind.SEED_PEER, seed.id()));
        send(answer, Empty.getDefaultInstance());
    }

    @Override
    public void listApplications(ListApplicationsRequest request, StreamObserver<ListApplicationsResponse> answer) {
        var response = ListApplicationsResponse.newBuilder();
        for (Answers.PriorityView view : answers.applications()) {
            var priority = ApplicationPriority.newBuilder().setValue(Priority.forNumber(view.value()));
            view.urls()
                    .forEach(url -> priority.addUrls(
                            URLPriority.newBuilder().setRegex(url.regex()).setValue(Priority.forNumber(url.value()))));
            response.addApplications(Application.newBuilder()
                    .setId(view.application().id())
                    .setName(view.application().name())
                    .setUrl(view.application().url())
                    .setBio(view.application().bio())
                    .setPriority(priority));
        }
        send(answer, response.build());
    }

    @Override
    public StreamObserver<KeepAliveRequest> keepAlive(StreamObserver<Empty> answer) {
        return new KeepAliveStream<>(
                instances,
                message -> new KeepAliveStream.Who(
                        message.getSourceType() != SourceType.PEER_SOURCE,
                        message.getSourceType() == SourceType.SEED_PEER_SOURCE
                                ? Instances.Kind.SEED_PEER
                                : Instances.Kind.SCHEDULER,
                        message.getHostname(),
                        message.getClusterId()),
                answer,
                stopping);
    }

    private static Scheduler.Builder encode(Instances.Scheduler scheduler) {
        return Scheduler.newBuilder()
                .setId(scheduler.id())
                .setHostname(scheduler.hostname())
                .setIdc(scheduler.idc())
                .setLocation(scheduler.location())
                .setIp(scheduler.ip())
                .setPort(scheduler.port())
                .setState(scheduler.state())
                .setSchedulerClusterId(scheduler.clusterId())
                .setFeatures(Answers.bytes(scheduler.features()));
    }

    private DarterBorders borders() {
        var borders = DarterBorders.newBuilder().setFailover(answers.isFailover());
        for (Answers.ClusterView view : answers.clusters()) {
            borders.addClusters(DarterCluster.newBuilder()
                    .setId(view.cluster().id())
                    .setName(view.cluster().name())
                    .setIdc(view.scope().idc())
                    .setLocation(view.scope().location())
                    .addAllCidrs(view.scope().cidrs())
                    .setIsDefault(view.scope().isDefault()));
        }
        return borders.build();
    }

    private static SchedulerCluster encode(Clusters.SchedulerCluster cluster) {
        return SchedulerCluster.newBuilder()
                .setId(cluster.id())
                .setName(cluster.name())
                .setBio(cluster.bio())
                .setConfig(Answers.bytes(cluster.config()))
                .setClientConfig(Answers.bytes(cluster.clientConfig()))
                .setScopes(Answers.bytes(cluster.scopes().orElse("")))
                .build();
    }

    private static SeedPeer encode(Answers.SeedPeerView view) {
        return encode(view.seedPeer())
                .setSeedPeerCluster(SeedPeerCluster.newBuilder()
                        .setId(view.cluster().id())
                        .setName(view.cluster().name())
                        .setBio(view.cluster().bio())
                        .setConfig(Answers.bytes(view.cluster().config())))
                .build();
    }

    private static SeedPeer.Builder encode(Instances.SeedPeer seed) {
        return SeedPeer.newBuilder()
                .setId(seed.id())
                .setHostname(seed.hostname())
                .setType(seed.type())
                .setIdc(seed.idc())
                .setLocation(seed.location())
                .setIp(seed.ip())
                .setPort(seed.port())
                .setDownloadPort(seed.downloadPort())
                .setState(seed.state())
                .setSeedPeerClusterId(seed.clusterId());
    }

    private static <T> void send(StreamObserver<T> answer, T message) {
        answer.onNext(message);
        answer.onCompleted();
    }
}
