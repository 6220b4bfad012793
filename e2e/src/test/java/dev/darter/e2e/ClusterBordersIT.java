package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.NetAddress;
import dev.darter.manager.ManagerConfig;
import dev.darter.manager.ManagerServer;
import dev.darter.manager.database.DatabaseConfig;
import dev.darter.proto.common.v1.UrlMeta;
import dev.darter.proto.scheduler.v1.PeerHost;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.scheduler.SchedulerConfig;
import dev.darter.scheduler.SchedulerServer;
import dev.darter.wire.client.ManagerClient;
import dev.darter.wire.client.ServerAddress;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A manager and the schedulers of two clusters: the border that an operator draws holds at both of them. */
@Timeout(120)
final class ClusterBordersIT {
    private static final String PASSWORD = "first-password";
    private static final String IN_VPC = "10.2.3.4";
    private static final String OUTSIDE = "10.1.3.4";

    private final InstantSource clock = InstantSource.system();
    private final RpcRuntime runtime = new RpcRuntime();

    @TempDir
    private Path directory;

    private ManagerServer manager;
    private ManagerClient client;
    private SchedulerServer home;
    private SchedulerServer vpc;

    private void start(boolean failover, String database) throws Exception {
        manager = ManagerServer.start(
                new ManagerConfig(
                        new ManagerConfig.Grpc("127.0.0.1", 0, 0),
                        new ManagerConfig.Rest("127.0.0.1", 0),
                        new ManagerConfig.Jwt("Dragonfly", "key", Duration.ofHours(1), Duration.ofHours(1)),
                        new DatabaseConfig.Embedded(directory.resolve(database)),
                        PASSWORD,
                        failover,
                        Optional.empty()),
                clock,
                runtime,
                new MetricRegistry(clock));
        client = new ManagerClient(runtime, List.of(new NetAddress("127.0.0.1", manager.grpcPort())));
        createVpc();
        home = scheduler("home", 1);
        vpc = scheduler("vpc", 2);
    }

    @BeforeEach
    void start() throws Exception {
        start(false, "strict");
    }

    @AfterEach
    void stop() {
        closeAll();
        runtime.close();
    }

    private void closeAll() {
        home.close();
        vpc.close();
        client.close();
        manager.close();
    }

    @Test
    void aHostGetsTheSchedulersOfItsClusterAndNoOtherTakesItIn() {
        await().untilAsserted(() -> assertThat(clustersFor(IN_VPC)).containsExactly(2L));
        await().untilAsserted(() -> assertThat(clustersFor(OUTSIDE)).containsExactly(1L));

        assertThat(register(vpc, IN_VPC).getTaskId()).isNotEmpty();
        assertThat(register(home, OUTSIDE).getTaskId()).isNotEmpty();
        await().untilAsserted(() -> assertRefused(home, IN_VPC, "it belongs to scheduler cluster vpc"));
        await().untilAsserted(() -> assertRefused(vpc, OUTSIDE, "it belongs to scheduler cluster cluster-1"));
    }

    @Test
    void theBorderStaysWhereItIsWhileASchedulerIsAway() {
        await().untilAsserted(() -> assertThat(clustersFor(IN_VPC)).containsExactly(2L));
        vpc.close();
        await().untilAsserted(() -> assertThat(clustersFor(IN_VPC)).isEmpty());
        await().untilAsserted(() -> assertRefused(home, IN_VPC, "it belongs to scheduler cluster vpc"));
    }

    @Test
    void failoverTakesTheBorderAway() throws Exception {
        await().untilAsserted(() -> assertRefused(home, IN_VPC, "it belongs to scheduler cluster vpc"));
        closeAll();
        start(true, "open");

        await().untilAsserted(() -> assertThat(clustersFor(IN_VPC)).containsExactly(2L, 1L));
        await().untilAsserted(() -> assertThat(clustersFor(OUTSIDE)).containsExactly(1L, 2L));
        // The schedulers have the old border on disk: it goes as soon as the manager answers.
        await().ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .untilAsserted(
                        () -> assertThat(register(home, IN_VPC).getTaskId()).isNotEmpty());
        await().ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .untilAsserted(
                        () -> assertThat(register(vpc, OUTSIDE).getTaskId()).isNotEmpty());
    }

    private List<Long> clustersFor(String ip) {
        return client.listSchedulers(new ManagerClient.Caller("node", ip, "", "")).stream()
                .map(ServerAddress::clusterId)
                .toList();
    }

    private RegisterResult register(SchedulerServer scheduler, String ip) {
        var channel = Channels.tcp(runtime, "127.0.0.1", scheduler.port());
        try {
            return SchedulerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .registerPeerTask(PeerTaskRequest.newBuilder()
                            .setUrl("http://origin/file")
                            .setUrlMeta(UrlMeta.getDefaultInstance())
                            .setPeerId(ip + "-1-a")
                            .setPeerHost(PeerHost.newBuilder()
                                    .setId(HostId.of(ip, "node").value())
                                    .setIp(ip)
                                    .setRpcPort(65000)
                                    .setDownPort(65002)
                                    .setHostname("node"))
                            .build());
        } finally {
            channel.shutdownNow();
        }
    }

    private void assertRefused(SchedulerServer scheduler, String ip, String message) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> register(scheduler, ip))
                .satisfies(failure -> assertThat(RpcErrors.code(failure)).contains(ErrorCode.SCHED_FORBIDDEN))
                .withMessageContaining("host node (ip " + ip)
                .withMessageContaining(message);
    }

    private SchedulerServer scheduler(String name, long cluster) throws IOException {
        var config = SchedulerConfig.of(
                        new SchedulerConfig.Server("127.0.0.1", 0, "127.0.0.1", 8002, name),
                        Optional.of(new SchedulerConfig.Manager(
                                List.of(new NetAddress("127.0.0.1", manager.grpcPort())),
                                cluster,
                                Duration.ofMillis(200))),
                        directory.resolve(name + "-cache"),
                        directory.resolve(name + "-data"))
                .withRefreshInterval(Duration.ofMillis(300));
        return SchedulerServer.start(config, clock, runtime);
    }

    private void createVpc() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            String signIn = post(http, "users/signin", "", "{\"name\":\"root\",\"password\":\"" + PASSWORD + "\"}");
            String token =
                    JsonMapper.builder().build().readTree(signIn).path("token").asString();
            var _ = post(
                    http,
                    "clusters",
                    token,
                    "{\"name\":\"vpc\",\"scheduler_cluster_config\":{},\"seed_peer_cluster_config\":{},"
                            + "\"peer_cluster_config\":{},\"scopes\":{\"cidrs\":[\"10.2.0.0/16\"]}}");
        }
    }

    private String post(HttpClient http, String path, String token, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + manager.restPort() + "/api/v1/" + path))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
