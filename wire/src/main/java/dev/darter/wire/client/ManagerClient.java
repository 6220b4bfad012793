package dev.darter.wire.client;

import com.google.protobuf.Empty;
import dev.darter.core.ClusterMatching;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import dev.darter.proto.manager.v1.KeepAliveRequest;
import dev.darter.proto.manager.v1.ListSchedulersRequest;
import dev.darter.proto.manager.v1.ManagerGrpc;
import dev.darter.proto.manager.v1.SourceType;
import dev.darter.proto.manager.v1.UpdateSeedPeerRequest;
import dev.darter.proto.manager.v2.DarterBorders;
import dev.darter.proto.manager.v2.GetSchedulerRequest;
import dev.darter.proto.manager.v2.ListApplicationsRequest;
import dev.darter.proto.manager.v2.UpdateSchedulerRequest;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The manager, behind one or several addresses; the next address is asked when one cannot be reached. Daemons use the v1 calls,
 * schedulers the v2 ones, as the field does. Any thread may call it; calls block. Failures come as {@link StatusRuntimeException}.
 */
public final class ManagerClient implements AutoCloseable {
    private static final Duration CALL = Duration.ofSeconds(10);

    /** An address that no host has. */
    private static final String NOWHERE = "0.0.0.0";

    private final List<ManagedChannel> channels;
    private final AtomicInteger current = new AtomicInteger();

    /** @param addresses at least one; resolved when first used */
    public ManagerClient(RpcRuntime runtime, List<NetAddress> addresses) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("manager addresses: none (expected: at least one)");
        }
        this.channels = addresses.stream()
                .map(address -> Channels.tcp(runtime, address.host(), address.port()))
                .toList();
    }

    /** Who asks. */
    public record Caller(String hostname, String ip, String idc, String location) {}

    /** Schedulers that a daemon may use, best cluster first; empty when none is active. */
    public List<ServerAddress> listSchedulers(Caller caller) {
        var request = ListSchedulersRequest.newBuilder()
                .setSourceType(SourceType.PEER_SOURCE)
                .setHostname(caller.hostname())
                .setIp(caller.ip())
                .putHostInfo("idc", caller.idc())
                .putHostInfo("location", caller.location())
                .build();
        var answer = call(channel -> ManagerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                .listSchedulers(request));
        return answer.getSchedulersList().stream()
                .map(scheduler -> new ServerAddress(
                        scheduler.getIp(),
                        scheduler.getHostname(),
                        scheduler.getPort(),
                        scheduler.getSchedulerClusterId()))
                .toList();
    }

    /** How a seed peer enters itself with the manager. */
    public record SeedPeer(
            Caller host, HostType type, int rpcPort, int downloadPort, int objectStoragePort, long clusterId) {}

    public void updateSeedPeer(SeedPeer seed) {
        var request = UpdateSeedPeerRequest.newBuilder()
                .setSourceType(SourceType.SEED_PEER_SOURCE)
                .setHostname(seed.host().hostname())
                .setType(seed.type().wireName())
                .setIdc(seed.host().idc())
                .setLocation(seed.host().location())
                .setIp(seed.host().ip())
                .setPort(seed.rpcPort())
                .setDownloadPort(seed.downloadPort())
                .setSeedPeerClusterId(seed.clusterId())
                .setObjectStoragePort(seed.objectStoragePort())
                .addDarterFeatures(Features.MARK)
                .build();
        var _ = call(channel -> ManagerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                .updateSeedPeer(request));
    }

    /** How a scheduler enters itself with the manager. */
    public record Scheduler(Caller host, int port, long clusterId) {}

    public void updateScheduler(Scheduler scheduler) {
        var request = UpdateSchedulerRequest.newBuilder()
                .setSourceType(dev.darter.proto.manager.v2.SourceType.SCHEDULER_SOURCE)
                .setHostname(scheduler.host().hostname())
                .setSchedulerClusterId(scheduler.clusterId())
                .setIp(scheduler.host().ip())
                .setPort(scheduler.port())
                .addDarterFeatures(Features.MARK);
        if (!scheduler.host().idc().isEmpty()) {
            request.setIdc(scheduler.host().idc());
        }
        if (!scheduler.host().location().isEmpty()) {
            request.setLocation(scheduler.host().location());
        }
        var _ = call(channel -> dev.darter.proto.manager.v2.ManagerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                .updateScheduler(request.build()));
    }

    /** The manager's entry of a scheduler, with its cluster and seed peers. */
    public ClusterView getScheduler(Scheduler scheduler) {
        var request = GetSchedulerRequest.newBuilder()
                .setSourceType(dev.darter.proto.manager.v2.SourceType.SCHEDULER_SOURCE)
                .setHostname(scheduler.host().hostname())
                .setSchedulerClusterId(scheduler.clusterId())
                .setIp(scheduler.host().ip())
                .build();
        var answer = call(channel -> dev.darter.proto.manager.v2.ManagerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                .getScheduler(request));
        return new ClusterView(
                answer.getSchedulerCluster().getConfig().toStringUtf8(),
                answer.getSchedulerCluster().getClientConfig().toStringUtf8(),
                answer.getSchedulerCluster().getScopes().toStringUtf8(),
                answer.getSeedPeersList().stream()
                        .map(seed -> new ClusterView.Seed(
                                seed.getHostname(),
                                HostType.byWireName(seed.getType()).orElse(HostType.SUPER),
                                seed.getIdc(),
                                seed.getLocation(),
                                seed.getIp(),
                                seed.getPort(),
                                seed.getDownloadPort(),
                                seed.getSeedPeerCluster().getConfig().toStringUtf8()))
                        .toList(),
                answer.hasDarterBorders() ? Optional.of(borders(answer.getDarterBorders())) : Optional.empty());
    }

    private static ClusterView.Borders borders(DarterBorders told) {
        return new ClusterView.Borders(
                told.getFailover(),
                told.getClustersList().stream()
                        .map(cluster -> new ClusterView.Cluster(
                                cluster.getId(),
                                cluster.getName(),
                                new ClusterMatching.Scope(
                                        cluster.getIdc(),
                                        cluster.getLocation(),
                                        cluster.getCidrsList(),
                                        cluster.getIsDefault())))
                        .toList());
    }

    /**
     * Clusters of the active schedulers, in the order in which they are offered to a host that matches nowhere: the default one first.
     *
     * @param asking a scheduler
     */
    public List<Long> clustersForStrangers(Caller asking) {
        var request = dev.darter.proto.manager.v2.ListSchedulersRequest.newBuilder()
                .setSourceType(dev.darter.proto.manager.v2.SourceType.SCHEDULER_SOURCE)
                .setHostname(asking.hostname())
                .setIp(NOWHERE)
                .build();
        var answer = call(channel -> dev.darter.proto.manager.v2.ManagerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                .listSchedulers(request));
        return answer.getSchedulersList().stream()
                .map(dev.darter.proto.manager.v2.Scheduler::getSchedulerClusterId)
                .distinct()
                .toList();
    }

    /** Applications with a priority; empty when there are none. */
    public List<Application> listApplications(Caller caller) {
        var request = ListApplicationsRequest.newBuilder()
                .setSourceType(dev.darter.proto.manager.v2.SourceType.SCHEDULER_SOURCE)
                .setHostname(caller.hostname())
                .setIp(caller.ip())
                .build();
        try {
            var answer = call(channel -> dev.darter.proto.manager.v2.ManagerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                    .listApplications(request));
            return answer.getApplicationsList().stream()
                    .map(application -> new Application(
                            application.getName(),
                            CommonMapper.priority(application.getPriority().getValueValue()),
                            application.getPriority().getUrlsList().stream()
                                    .map(url -> new Application.UrlPriority(
                                            url.getRegex(), CommonMapper.priority(url.getValueValue())))
                                    .toList()))
                    .toList();
        } catch (StatusRuntimeException e) {
            var code = e.getStatus().getCode();
            if (code == Status.Code.NOT_FOUND || code == Status.Code.UNIMPLEMENTED) {
                return List.of();
            }
            throw e;
        }
    }

    /**
     * Keeps a seed peer active with the manager: one message at once and one every {@code interval}, until the stream breaks or the
     * thread is interrupted. The caller calls again.
     *
     * @throws StatusRuntimeException why the stream broke
     */
    public void keepSeedPeerAlive(SeedPeer seed, Duration interval) throws InterruptedException {
        var message = KeepAliveRequest.newBuilder()
                .setSourceType(SourceType.SEED_PEER_SOURCE)
                .setHostname(seed.host().hostname())
                .setIp(seed.host().ip())
                .setClusterId(seed.clusterId())
                .build();
        var _ = call(channel -> {
            keepAlive(interval, ended -> ManagerGrpc.newStub(channel).keepAlive(ended), message);
            return true;
        });
    }

    /** As {@link #keepSeedPeerAlive}, for a scheduler. */
    public void keepSchedulerAlive(Scheduler scheduler, Duration interval) throws InterruptedException {
        var message = dev.darter.proto.manager.v2.KeepAliveRequest.newBuilder()
                .setSourceType(dev.darter.proto.manager.v2.SourceType.SCHEDULER_SOURCE)
                .setHostname(scheduler.host().hostname())
                .setIp(scheduler.host().ip())
                .setClusterId(scheduler.clusterId())
                .build();
        var _ = call(channel -> {
            keepAlive(
                    interval,
                    ended -> dev.darter.proto.manager.v2.ManagerGrpc.newStub(channel)
                            .keepAlive(ended),
                    message);
            return true;
        });
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    /** A call that may be interrupted. */
    private interface Call<T, E extends Exception> {
        T on(ManagedChannel channel) throws E;
    }

    /** Starts at the address that worked last. */
    private <T, E extends Exception> T call(Call<T, E> call) throws E {
        RuntimeException last =
                new CodedException(ErrorCode.SERVER_UNAVAILABLE, "manager: no address (expected: at least one)");
        int first = current.get();
        for (int i = 0; i < channels.size(); i++) {
            int index = (first + i) % channels.size();
            try {
                T answer = call.on(channels.get(index));
                current.set(index);
                return answer;
            } catch (StatusRuntimeException e) {
                if (!RpcErrors.isUnavailable(e) && e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    throw e;
                }
                last = e;
                current.set((index + 1) % channels.size());
            }
        }
        throw last;
    }

    private static <Q> void keepAlive(
            Duration interval, Function<StreamObserver<Empty>, StreamObserver<Q>> open, Q message)
            throws InterruptedException {
        var ended = new CompletableFuture<Void>();
        StreamObserver<Q> requests = open.apply(new StreamObserver<>() {
            @Override
            public void onNext(Empty answer) {
                // the answer comes when the stream is over; onCompleted follows
            }

            @Override
            public void onError(Throwable failure) {
                ended.completeExceptionally(Status.fromThrowable(failure).asRuntimeException());
            }

            @Override
            public void onCompleted() {
                ended.completeExceptionally(Status.UNAVAILABLE
                        .withDescription("the manager ended the stream")
                        .asRuntimeException());
            }
        });
        try {
            while (true) {
                requests.onNext(message);
                if (waitFor(ended, interval)) {
                    return;
                }
            }
        } catch (IllegalStateException e) {
            throw Status.UNAVAILABLE
                    .withDescription("the stream is over")
                    .withCause(e)
                    .asRuntimeException();
        } finally {
            if (!ended.isDone()) {
                requests.onCompleted();
            }
        }
    }

    /** Whether the future completed normally in time; throws what it failed with. */
    private static boolean waitFor(CompletableFuture<Void> ended, Duration interval) throws InterruptedException {
        try {
            ended.get(interval.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StatusRuntimeException status
                    ? status
                    : Status.fromThrowable(e).asRuntimeException();
        }
    }
}
