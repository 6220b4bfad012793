package dev.darter.scheduler;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerHost;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.UrlMeta;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A scheduler on a free port of the loopback, and clients that speak to it as daemons of v2.1.28 do. */
final class TestScheduler implements AutoCloseable {
    private final SchedulerServer server;
    private final ManagedChannel channel;

    TestScheduler(RpcRuntime runtime, Path directory, Optional<NetAddress> manager) throws IOException {
        this(runtime, directory, manager, SchedulerConfig.SeedPeer.DEFAULT);
    }

    TestScheduler(RpcRuntime runtime, Path directory, Optional<NetAddress> manager, SchedulerConfig.SeedPeer seedPeer)
            throws IOException {
        var by = SchedulerConfig.of(
                new SchedulerConfig.Server("127.0.0.1", 0, "127.0.0.1", 8002, "sched"),
                manager.map(address -> new SchedulerConfig.Manager(List.of(address), 1, Duration.ofMillis(200))),
                directory.resolve("cache"),
                directory.resolve("data"));
        var config = new SchedulerConfig(
                by.server(),
                new SchedulerConfig.Policy(3, 5, 10, Duration.ofMillis(50), 0.02, 4, 2),
                by.expiry(),
                seedPeer,
                "",
                "",
                by.manager(),
                Duration.ofMillis(500),
                by.cacheDir(),
                by.dataDir(),
                Optional.empty(),
                false);
        server = SchedulerServer.start(config, InstantSource.system(), runtime);
        channel = Channels.tcp(runtime, "127.0.0.1", server.port());
    }

    ManagedChannel channel() {
        return channel;
    }

    SchedulerServer server() {
        return server;
    }

    SchedulerGrpc.SchedulerBlockingStub stub() {
        return SchedulerGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    static PeerTaskRequest.Builder registration(String url, String peer) {
        PeerHost host = Hosts.named(peer);
        return PeerTaskRequest.newBuilder()
                .setUrl(url)
                .setUrlMeta(UrlMeta.getDefaultInstance())
                .setPeerId(peer)
                .setPeerHost(dev.darter.proto.scheduler.v1.PeerHost.newBuilder()
                        .setId(host.id().value())
                        .setIp(host.ip())
                        .setRpcPort(host.rpcPort())
                        .setDownPort(host.downPort())
                        .setHostname(host.hostname()));
    }

    /** Registers and opens a stream with the begin marker. */
    Stream start(String url, String peer) {
        return start(registration(url, peer));
    }

    /** As {@link #start(String, String)}, a peer of ours. */
    Stream startDarter(String url, String peer) {
        PeerTaskRequest.Builder registration = registration(url, peer);
        registration.getPeerHostBuilder().addDarterFeatures(Features.MARK);
        return start(registration);
    }

    private Stream start(PeerTaskRequest.Builder registration) {
        String peer = registration.getPeerId();
        String task = stub().registerPeerTask(registration.build()).getTaskId();
        var stream = new Stream(task, peer);
        stream.begin();
        return stream;
    }

    PeerResult.Builder result(Stream stream, String url, boolean success) {
        return PeerResult.newBuilder()
                .setTaskId(stream.task)
                .setPeerId(stream.peer)
                .setSrcIp("10.0.0.1")
                .setUrl(url)
                .setSuccess(success)
                .setCode(success ? Code.Success : Code.ClientError)
                .setContentLength(-1)
                .setTotalPieceCount(-1);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
    }

    /** One peer's report stream. */
    final class Stream implements StreamObserver<PeerPacket> {
        final String task;
        final String peer;
        private final BlockingQueue<PeerPacket> packets = new LinkedBlockingQueue<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final StreamObserver<PieceResult> reports;

        Stream(String task, String peer) {
            this.task = task;
            this.peer = peer;
            reports = SchedulerGrpc.newStub(channel).reportPieceResult(this);
        }

        void begin() {
            reports.onNext(report().setPieceInfo(PieceInfo.newBuilder().setPieceNum(-1))
                    .build());
        }

        void got(int piece, String parent) {
            reports.onNext(report().setDstPid(parent)
                    .setSuccess(true)
                    .setCode(Code.Success)
                    .setPieceInfo(PieceInfo.newBuilder().setPieceNum(piece).setRangeSize(1000))
                    .build());
        }

        void failed(int piece, String parent, Code code) {
            reports.onNext(report().setDstPid(parent)
                    .setCode(code)
                    .setPieceInfo(PieceInfo.newBuilder().setPieceNum(piece))
                    .build());
        }

        void send(PieceResult result) {
            reports.onNext(result);
        }

        PieceResult.Builder report() {
            return PieceResult.newBuilder().setTaskId(task).setSrcPid(peer);
        }

        void halfClose() {
            reports.onCompleted();
        }

        /** The connection breaks, as far as the scheduler can see. */
        void die() {
            reports.onError(Status.CANCELLED.asRuntimeException());
        }

        PeerPacket await() throws InterruptedException {
            var packet = packets.poll(20, TimeUnit.SECONDS);
            if (packet == null) {
                throw new AssertionError("peer " + peer + ": told nothing");
            }
            return packet;
        }

        BlockingQueue<PeerPacket> packets() {
            return packets;
        }

        Status awaitEnd() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(PeerPacket packet) {
            packets.add(packet);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }
}
