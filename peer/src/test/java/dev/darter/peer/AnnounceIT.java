package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.darter.core.HostId;
import dev.darter.core.NetAddress;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What daemons tell the world of themselves. */
@Timeout(60)
final class AnnounceIT {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private TestOrigin origin;
    private FakeScheduler scheduler;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        scheduler = FakeScheduler.start(runtime).onBegin(FakeScheduler.Talk::backToSource);
    }

    @AfterEach
    void stop() {
        scheduler.close();
        origin.close();
        runtime.close();
    }

    @Test
    void announcesItsHostWithRealFigures() throws Exception {
        try (var peer = daemon("p1", false)) {
            var report = scheduler.awaitOne(AnnounceHostRequest.class, _ -> true);

            assertThat(report.getId()).isEqualTo(HostId.of("127.0.0.1", "p1").value());
            assertThat(peer.hostId().value()).isEqualTo(report.getId());
            assertThat(report.getType()).isEqualTo("normal");
            assertThat(report.getPort()).isEqualTo(peer.rpcPort());
            assertThat(report.getDownloadPort()).isEqualTo(peer.uploadPort());
            assertThat(report.getOs()).isEqualTo("linux");
            assertThat(report.getKernelVersion()).isNotEmpty();
            assertThat(report.getCpu().getLogicalCount()).isPositive();
            assertThat(report.getCpu().getTimes().getIdle()).isPositive();
            assertThat(report.getMemory().getTotal()).isPositive();
            assertThat(report.getMemory().getProcessUsedPercent()).isPositive();
            assertThat(report.getNetwork().getTcpConnectionCount()).isPositive();
            assertThat(report.getNetwork().getLocation()).isEqualTo("area|zone");
            assertThat(report.getNetwork().getIdc()).isEqualTo("idc-1");
            assertThat(report.getDisk().getTotal()).isPositive();
        }
    }

    @Test
    void leavesTheSchedulersAndItsDataWhenItMayNotKeepThem() throws Exception {
        origin.put("/f", TestOrigin.bytes(1000));
        var peer = daemon("p1", false);
        get(peer, "/f");
        peer.close();

        assertThat(scheduler.all(LeaveHostRequest.class))
                .singleElement()
                .extracting(LeaveHostRequest::getId)
                .isEqualTo(peer.hostId().value());
        try (var files = Files.walk(directory.resolve("p1/data"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void offersWhatAnEarlierProcessLeft() throws Exception {
        byte[] content = TestOrigin.bytes(5_000_000);
        origin.put("/f", content);
        var peer = daemon("p1", true);
        Joined held = get(peer, "/f");
        peer.close();
        origin.close();
        assertThat(scheduler.all(LeaveHostRequest.class)).isEmpty();

        try (var again = daemon("p1", true)) {
            var announced = scheduler.awaitOne(AnnounceTaskRequest.class, _ -> true);
            assertThat(announced.getTaskId()).isEqualTo(held.task().value());
            assertThat(announced.getPiecePacket().getDstPid())
                    .isEqualTo(held.peer().value());
            assertThat(announced.getPiecePacket().getDstAddr()).isEqualTo("127.0.0.1:" + again.uploadPort());
            assertThat(announced.getPiecePacket().getPieceInfosList()).hasSize(2);
            assertThat(announced.getPiecePacket().getContentLength()).isEqualTo(content.length);
            assertThat(announced.getPiecePacket().getPieceMd5Sign()).hasSize(64);

            scheduler.onBegin(talk -> talk.parents(new FakeScheduler.Parent(
                    announced.getPiecePacket().getDstPid(), new NetAddress("127.0.0.1", again.rpcPort()))));
            try (var child = daemon("p2", false)) {
                assertThat(get(child, "/f").sources().peer()).isEqualTo(content.length);
            }
        }
    }

    @Test
    void tellsASchedulerThatForgotWhatItHolds() throws Exception {
        origin.put("/f", TestOrigin.bytes(1000));
        try (var peer = daemon("p1", false)) {
            Joined held = get(peer, "/f");
            scheduler.awaitOne(PeerResult.class, _ -> true);
            assertThat(scheduler.all(AnnounceTaskRequest.class)).isEmpty();

            scheduler.close();
            scheduler = FakeScheduler.restart(runtime, scheduler.address());

            assertThat(scheduler.awaitOne(AnnounceTaskRequest.class, _ -> true).getTaskId())
                    .isEqualTo(held.task().value());
            scheduler.awaitOne(AnnounceHostRequest.class, _ -> true);
        }
    }

    @Test
    void findsItsSchedulersThroughTheManagerAndRemembersThem() throws Exception {
        NetAddress address;
        try (var manager = FakeManager.start(runtime, scheduler.address())) {
            address = manager.address();
            try (var _ = managed("p1", manager.address(), SchedulerConfig.SeedPeer.DISABLED)) {
                var report = scheduler.awaitOne(AnnounceHostRequest.class, _ -> true);
                assertThat(report.getSchedulerClusterId()).isEqualTo(7);
                assertThat(manager.lists().getFirst().getHostInfoMap())
                        .containsEntry("idc", "idc-1")
                        .containsEntry("location", "area|zone");
            }
        }
        int before = scheduler.all(AnnounceHostRequest.class).size();
        try (var _ = managed("p1", address, SchedulerConfig.SeedPeer.DISABLED)) {
            await().atMost(LONG)
                    .until(() -> scheduler.all(AnnounceHostRequest.class).size() > before);
        }
    }

    @Test
    void entersASeedPeerWithTheManagerAndKeepsItAliveThroughARestart() throws Exception {
        var manager = FakeManager.start(runtime, scheduler.address());
        var seed = new SchedulerConfig.SeedPeer(true, dev.darter.core.HostType.STRONG, 3, Duration.ofMillis(100));
        try (var peer = managed("s1", manager.address(), seed)) {
            await().atMost(LONG).until(() -> manager.keepAlives().size() >= 3);
            var entered = manager.seeds().getFirst();
            assertThat(entered.getType()).isEqualTo("strong");
            assertThat(entered.getSeedPeerClusterId()).isEqualTo(3);
            assertThat(entered.getPort()).isEqualTo(peer.rpcPort());
            assertThat(entered.getDownloadPort()).isEqualTo(peer.uploadPort());
            assertThat(manager.keepAlives().getFirst().getClusterId()).isEqualTo(3);
            // Schedulers are told super, whatever the manager is told.
            assertThat(scheduler.awaitOne(AnnounceHostRequest.class, _ -> true).getType())
                    .isEqualTo("super");

            manager.close();
            try (var again = FakeManager.restart(runtime, manager.address(), scheduler.address())) {
                await().atMost(LONG).until(() -> again.keepAlives().size() >= 2);
                assertThat(again.seeds()).hasSizeGreaterThanOrEqualTo(1);
            }
        }
    }

    @Test
    void isHealthyOnceASchedulerIsKnown() throws Exception {
        try (var manager = FakeManager.start(runtime);
                var peer = managed("p1", manager.address(), SchedulerConfig.SeedPeer.DISABLED)) {
            await().atMost(LONG).until(() -> !manager.lists().isEmpty());
            assertThat(health(peer)).isEqualTo(ServingStatus.NOT_SERVING);
        }
        try (var peer = daemon("p2", false)) {
            await().atMost(LONG).until(() -> health(peer) == ServingStatus.SERVING);
        }
    }

    @Test
    void answersPingsAndShowsMetrics() throws Exception {
        var config = TestPeer.config("p1", directory, scheduler.address())
                .metrics(PeerConfig.Listen.on(0).at("127.0.0.1"))
                .build();
        origin.put("/f", TestOrigin.bytes(1000));
        try (var peer = PeerDaemon.start(config, InstantSource.system(), runtime)) {
            var ping = http(peer.healthPort(), "/server/ping");
            assertThat(ping.statusCode()).isEqualTo(200);
            assertThat(ping.body()).isEqualTo("\"OK\"");
            assertThat(ping.headers().firstValue("Content-Type")).contains("application/json; charset=utf-8");
            assertThat(http(peer.healthPort(), "/other").statusCode()).isEqualTo(404);

            get(peer, "/f");
            String metrics = http(peer.metricsPort().orElseThrow(), "/metrics").body();
            assertThat(metrics)
                    .contains("dragonfly_dfdaemon_peer_task_total 1\n")
                    .contains("dragonfly_dfdaemon_seed_peer_download_total 0\n")
                    .contains("process_resident_memory_bytes");
        }
    }

    @Test
    void endsItselfWhenNobodyNeedsIt() throws Exception {
        var config = TestPeer.config("p1", directory, scheduler.address())
                .aliveTime(Duration.ofMillis(300))
                .build();
        try (var peer = PeerDaemon.start(config, InstantSource.system(), runtime)) {
            peer.awaitIdle(); // returns
        }
    }

    private PeerDaemon daemon(String name, boolean keepStorage) throws IOException {
        return TestPeer.start(name, directory, scheduler.address(), runtime, also -> also.keepStorage(keepStorage));
    }

    private PeerDaemon managed(String name, NetAddress manager, SchedulerConfig.SeedPeer seed) throws IOException {
        var config =
                SchedulerConfig.from(new SchedulerConfig.Manager(true, List.of(manager), Duration.ofSeconds(1), seed));
        return PeerDaemon.start(TestPeer.config(name, directory, config).build(), InstantSource.system(), runtime);
    }

    private Joined get(PeerDaemon peer, String path) throws InterruptedException {
        Joined joined = peer.tasks().join(TaskSpec.of(origin.url(path), UrlMeta.NONE), Wish.DEFAULT);
        assertThat(joined.await(LONG)).isTrue();
        assertThat(joined.task()).isEqualTo(TaskId.v1(origin.url(path), UrlMeta.NONE));
        return joined;
    }

    private ServingStatus health(PeerDaemon peer) {
        ManagedChannel channel = Channels.tcp(runtime, "127.0.0.1", peer.rpcPort());
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    private static HttpResponse<String> http(int port, String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    BodyHandlers.ofString());
        }
    }
}
