package dev.darter.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.ClusterMatching;
import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import dev.darter.manager.database.DatabaseConfig;
import dev.darter.wire.client.ClusterView;
import dev.darter.wire.client.ManagerClient;
import dev.darter.wire.client.ServerAddress;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a manager promises on whichever database it stands. */
abstract class ManagerContract {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PASSWORD = "first-password";
    private static final ManagerClient.Caller PEER = new ManagerClient.Caller("peer-1", "10.1.0.7", "", "");
    private static final ManagerClient.Caller IN_VPC = new ManagerClient.Caller("peer-2", "10.2.3.4", "", "");
    private static final String VPC =
            "{\"name\":\"vpc\",\"scheduler_cluster_config\":{},\"seed_peer_cluster_config\":{},"
                    + "\"peer_cluster_config\":{},\"scopes\":{\"cidrs\":[\"10.2.0.0/16\"]}}";
    private static final ManagerClient.Scheduler SCHEDULER =
            new ManagerClient.Scheduler(new ManagerClient.Caller("sched-1", "127.0.0.1", "idc-1", "a|b"), 8002, 1);
    private static final ManagerClient.SeedPeer SEED = new ManagerClient.SeedPeer(
            new ManagerClient.Caller("seed-1", "127.0.0.1", "", ""), HostType.SUPER, 65006, 65008, 0, 1);

    private final AtomicLong skew = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plusMillis(skew.get());
    private final HttpClient http = HttpClient.newHttpClient();
    private RpcRuntime runtime;
    private ManagerServer manager;
    private ManagerClient client;
    private Optional<String> token = Optional.empty();
    private boolean clusterFailover;

    abstract DatabaseConfig database();

    @BeforeEach
    void start() throws Exception {
        runtime = new RpcRuntime();
        open();
    }

    private void open() throws Exception {
        manager = ManagerServer.start(config(database(), clusterFailover), clock, runtime, new MetricRegistry(clock));
        client = new ManagerClient(runtime, List.of(new NetAddress("127.0.0.1", manager.grpcPort())));
    }

    static ManagerConfig config(DatabaseConfig database) {
        return config(database, false);
    }

    private static ManagerConfig config(DatabaseConfig database, boolean clusterFailover) {
        return new ManagerConfig(
                new ManagerConfig.Grpc("127.0.0.1", 0, 0),
                new ManagerConfig.Rest("127.0.0.1", 0),
                new ManagerConfig.Jwt("Dragonfly", "key", Duration.ofHours(1), Duration.ofHours(1)),
                database,
                PASSWORD,
                clusterFailover,
                Optional.empty());
    }

    @AfterEach
    void stop() {
        client.close();
        manager.close();
        runtime.close();
        http.close();
    }

    @Test
    void showsASchedulerAsActiveForAsLongAsItKeepsAlive() throws Exception {
        client.updateScheduler(SCHEDULER);
        assertThat(client.listSchedulers(PEER)).isEmpty();

        var stream = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofMillis(100))));
        await().untilAsserted(() -> assertThat(client.listSchedulers(PEER))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.ip()).isEqualTo("127.0.0.1");
                    assertThat(found.port()).isEqualTo(8002);
                    assertThat(found.clusterId()).isEqualTo(1);
                }));
        stream.interrupt();
        await().untilAsserted(() -> assertThat(client.listSchedulers(PEER)).isEmpty());
    }

    @Test
    void tellsASchedulerOfItsClusterAndActiveSeedPeers() throws Exception {
        client.updateScheduler(SCHEDULER);
        client.updateSeedPeer(SEED);
        assertThat(client.getScheduler(SCHEDULER).seeds()).isEmpty();

        var stream = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSeedPeerAlive(SEED, Duration.ofMillis(100))));
        await().untilAsserted(() -> {
            var view = client.getScheduler(SCHEDULER);
            assertThat(view.config()).isEqualTo("{\"candidate_parent_limit\":4,\"filter_parent_limit\":15}");
            assertThat(view.clientConfig()).isEqualTo("{\"load_limit\":50}");
            assertThat(view.seeds()).singleElement().satisfies(seed -> {
                assertThat(seed.hostname()).isEqualTo("seed-1");
                assertThat(seed.downloadPort()).isEqualTo(65008);
                assertThat(seed.config()).isEqualTo("{\"load_limit\":300}");
            });
        });
        stream.interrupt();
        stream.join();
        assertThat(client.listApplications(PEER)).isEmpty();
    }

    @Test
    void takesManyFirstKeepalivesAtOnce() throws Exception {
        var schedulers = IntStream.rangeClosed(1, 16)
                .mapToObj(i -> new ManagerClient.Scheduler(
                        new ManagerClient.Caller("sched-" + i, "127.0.0." + i, "", ""), 8002, 1))
                .toList();
        schedulers.forEach(client::updateScheduler);
        var start = new CountDownLatch(1);
        var streams = schedulers.stream()
                .map(scheduler -> Thread.startVirtualThread(() -> keepAlive(() -> {
                    start.await();
                    client.keepSchedulerAlive(scheduler, Duration.ofDays(1));
                })))
                .toList();
        start.countDown();
        await().untilAsserted(() -> assertThat(client.listSchedulers(PEER)).hasSize(16));
        for (Thread stream : streams) {
            stream.interrupt();
            stream.join();
        }
    }

    @Test
    void leavesARowActiveWhenAnOldStreamEndsAfterANewOneBegan() throws Exception {
        client.updateSeedPeer(SEED);
        client.updateScheduler(SCHEDULER);
        var old = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofDays(1))));
        await().until(() -> !client.listSchedulers(PEER).isEmpty());
        var young = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofMillis(100))));
        await().during(Duration.ofMillis(300))
                .until(() -> !client.listSchedulers(PEER).isEmpty());
        old.interrupt();
        old.join();
        await().during(Duration.ofMillis(500))
                .until(() -> !client.listSchedulers(PEER).isEmpty());
        young.interrupt();
        young.join();
    }

    @Test
    void forgetsWhoFellSilentAlsoAcrossItsOwnRestart() throws Exception {
        client.updateScheduler(SCHEDULER);
        var stream = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofDays(1))));
        await().until(() -> !client.listSchedulers(PEER).isEmpty());

        skew.addAndGet(Duration.ofSeconds(60).toMillis());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> client.listSchedulers(PEER).isEmpty());
        stream.interrupt();
        stream.join();

        client.close();
        manager.close();
        open();
        assertThat(client.listSchedulers(PEER)).isEmpty();
    }

    @Test
    void refusesBadRequestsByName() {
        var wrong = new ManagerClient.Scheduler(new ManagerClient.Caller("under_score", "127.0.0.1", "", ""), 8002, 1);
        assertThatThrownBy(() -> client.updateScheduler(wrong))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("INVALID_ARGUMENT: hostname: \"under_score\" (expected: a host name)");
        var unknown = new ManagerClient.Scheduler(new ManagerClient.Caller("nobody", "127.0.0.1", "", ""), 8002, 1);
        assertThatThrownBy(() -> client.getScheduler(unknown)).hasMessageContaining("INTERNAL: record not found");
    }

    @Test
    void answersRestAsTheConsoleExpects() throws Exception {
        assertThat(send("GET", "/healthy", "").body()).isEqualTo("\"OK\"");
        HttpResponse<String> denied = send("GET", "/api/v1/clusters", "");
        assertThat(denied.statusCode()).isEqualTo(401);
        assertThat(denied.headers().firstValue("WWW-Authenticate")).contains("JWT realm=Dragonfly");
        assertThat(send("POST", "/api/v1/users/signin", "{\"name\":\"root\",\"password\":\"wrong-one\"}")
                        .statusCode())
                .isEqualTo(401);

        signIn();
        HttpResponse<String> clusters = send("GET", "/api/v1/clusters", "");
        assertThat(clusters.headers().firstValue("Link").orElse(""))
                .isEqualTo(
                        "</api/v1/clusters?page=1&per_page=10>;rel=prev,</api/v1/clusters?page=1&per_page=10>;rel=next,"
                                + "</api/v1/clusters?page=1&per_page=10>;rel=first,</api/v1/clusters?page=1&per_page=10>;rel=last");
        assertThat(clusters.body().replaceAll("\"(created|updated)_at\":\"[^\"]*\"", "\"$1_at\":\"T\""))
                .isEqualTo(
                        "[{\"id\":1,\"name\":\"cluster-1\",\"bio\":\"\",\"scopes\":{\"idc\":\"\",\"location\":\"\",\"cidrs\":null},\"scheduler_cluster_id\":1,"
                                + "\"seed_peer_cluster_id\":1,\"scheduler_cluster_config\":{\"candidate_parent_limit\":4,\"filter_parent_limit\":15},"
                                + "\"seed_peer_cluster_config\":{\"load_limit\":300},\"peer_cluster_config\":{\"load_limit\":50},"
                                + "\"created_at\":\"T\",\"updated_at\":\"T\",\"is_default\":true}]");
        assertThat(send("GET", "/api/v1/users/1/roles", "").body()).isEqualTo("[\"root\"]");
        assertThat(send("GET", "/api/v1/nothing", "").statusCode()).isEqualTo(401);
    }

    @Test
    void createsChangesAndDeletesClusters() throws Exception {
        signIn();
        String body =
                "{\"name\":\"two\",\"scheduler_cluster_config\":{\"candidate_parent_limit\":3},\"seed_peer_cluster_config\":{\"load_limit\":9},"
                        + "\"peer_cluster_config\":{\"load_limit\":7},\"scopes\":{\"cidrs\":[\"10.2.0.0/16\"]}}";
        HttpResponse<String> created = send("POST", "/api/v1/clusters", body);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        long id = JSON.readTree(created.body()).path("id").longValue();
        assertThat(id).isEqualTo(2);
        assertThat(send("POST", "/api/v1/clusters", body).statusCode()).isEqualTo(409);
        HttpResponse<String> bad =
                send("POST", "/api/v1/clusters", body.replace("two", "bad").replace(":3}", ":99}"));
        assertThat(bad.statusCode()).isEqualTo(422);
        assertThat(bad.body()).contains("scheduler_cluster_config.candidate_parent_limit: 99 (expected: 1..20)");

        assertThat(send("PATCH", "/api/v1/clusters/1", "{\"bio\":\"home\"}").statusCode())
                .isEqualTo(200);
        JsonNode first = JSON.readTree(send("GET", "/api/v1/clusters/1", "").body());
        assertThat(first.path("is_default").booleanValue()).isTrue();
        assertThat(first.path("bio").stringValue()).isEqualTo("home");

        client.updateScheduler(SCHEDULER);
        HttpResponse<String> refused = send("DELETE", "/api/v1/clusters/1", "");
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body()).isEqualTo("{\"message\":\"scheduler cluster exists scheduler\"}");
        assertThat(send("DELETE", "/api/v1/clusters/" + id, "").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/api/v1/clusters/" + id, "").statusCode()).isEqualTo(404);
    }

    @Test
    void sendsACallerToTheClusterOfItsNetworkOnly() throws Exception {
        signIn();
        send("POST", "/api/v1/clusters", VPC);
        var inVpc = new ManagerClient.Scheduler(new ManagerClient.Caller("sched-2", "127.0.0.2", "", ""), 8002, 2);
        client.updateScheduler(SCHEDULER);
        client.updateScheduler(inVpc);
        var one = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofMillis(100))));
        var two = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(inVpc, Duration.ofMillis(100))));
        await().untilAsserted(() -> assertThat(client.listSchedulers(IN_VPC))
                .singleElement()
                .satisfies(found -> assertThat(found.clusterId()).isEqualTo(2)));
        await().untilAsserted(() -> assertThat(client.listSchedulers(PEER))
                .singleElement()
                .satisfies(found -> assertThat(found.clusterId()).isEqualTo(1)));
        assertThat(client.getScheduler(SCHEDULER).borders()).hasValueSatisfying(borders -> {
            assertThat(borders.failover()).isFalse();
            assertThat(borders.clusters())
                    .containsExactly(
                            new ClusterView.Cluster(1, "cluster-1", new ClusterMatching.Scope("", "", List.of(), true)),
                            new ClusterView.Cluster(
                                    2, "vpc", new ClusterMatching.Scope("", "", List.of("10.2.0.0/16"), false)));
        });

        // A scheduler that is away does not move the border.
        two.interrupt();
        two.join();
        await().untilAsserted(() -> assertThat(client.listSchedulers(IN_VPC)).isEmpty());
        one.interrupt();
        one.join();
    }

    @Test
    void countsNoClusterThatNoSchedulerEverEnteredItselfIn() throws Exception {
        signIn();
        send("POST", "/api/v1/clusters", VPC);
        client.updateScheduler(SCHEDULER);
        var one = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofMillis(100))));
        await().untilAsserted(() -> assertThat(client.listSchedulers(IN_VPC))
                .singleElement()
                .satisfies(found -> assertThat(found.clusterId()).isEqualTo(1)));
        assertThat(client.getScheduler(SCHEDULER).borders())
                .hasValueSatisfying(borders -> assertThat(borders.clusters()).hasSize(1));
        one.interrupt();
        one.join();
    }

    @Test
    void countsAClusterForADayAfterItsLastSchedulerWent() throws Exception {
        signIn();
        send("POST", "/api/v1/clusters", VPC);
        var inVpc = new ManagerClient.Scheduler(new ManagerClient.Caller("sched-2", "127.0.0.2", "", ""), 8002, 2);
        client.updateScheduler(SCHEDULER);
        client.updateScheduler(inVpc);
        var two = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(inVpc, Duration.ofMillis(100))));
        await().until(() -> !client.listSchedulers(IN_VPC).isEmpty());
        assertThat(client.listSchedulers(PEER)).isEmpty();

        skew.addAndGet(Duration.ofHours(23).toMillis());
        assertThat(client.listSchedulers(PEER)).isEmpty();
        skew.addAndGet(Duration.ofHours(2).toMillis());
        await().untilAsserted(() -> assertThat(client.listSchedulers(PEER))
                .singleElement()
                .satisfies(found -> assertThat(found.clusterId()).isEqualTo(2)));
        assertThat(client.getScheduler(inVpc).borders())
                .hasValueSatisfying(borders -> assertThat(borders.clusters())
                        .extracting(ClusterView.Cluster::name)
                        .containsExactly("vpc"));
        two.interrupt();
        two.join();
    }

    @Test
    void tellsOfAllClustersBestFirstWhereTheOperatorWantsFailover() throws Exception {
        client.close();
        manager.close();
        clusterFailover = true;
        open();
        signIn();
        send("POST", "/api/v1/clusters", VPC);
        var inVpc = new ManagerClient.Scheduler(new ManagerClient.Caller("sched-2", "127.0.0.2", "", ""), 8002, 2);
        client.updateScheduler(SCHEDULER);
        client.updateScheduler(inVpc);
        var one = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(SCHEDULER, Duration.ofMillis(100))));
        var two = Thread.startVirtualThread(
                () -> keepAlive(() -> client.keepSchedulerAlive(inVpc, Duration.ofMillis(100))));
        await().untilAsserted(() -> assertThat(client.listSchedulers(IN_VPC))
                .extracting(ServerAddress::clusterId)
                .containsExactly(2L, 1L));
        assertThat(client.listSchedulers(PEER))
                .extracting(ServerAddress::clusterId)
                .containsExactly(1L, 2L);
        assertThat(client.clustersForStrangers(PEER)).containsExactly(1L, 2L);
        assertThat(client.getScheduler(inVpc).borders())
                .hasValueSatisfying(borders -> assertThat(borders.failover()).isTrue());
        one.interrupt();
        two.interrupt();
        one.join();
        two.join();
    }

    @Test
    void listsSchedulersAndSeedPeersWithTheirStates() throws Exception {
        signIn();
        client.updateScheduler(SCHEDULER);
        client.updateSeedPeer(SEED);
        JsonNode scheduler = JSON.readTree(
                        send("GET", "/api/v1/schedulers?host_name=sched-1", "").body())
                .get(0);
        assertThat(scheduler.path("state").stringValue()).isEqualTo("inactive");
        assertThat(scheduler.path("features").toString()).isEqualTo("[\"schedule\",\"preheat\"]");
        assertThat(scheduler.path("scheduler_cluster").path("created_at").stringValue())
                .isEqualTo("0001-01-01T00:00:00Z");
        assertThat(JSON.readTree(send("GET", "/api/v1/seed-peers", "").body())
                        .get(0)
                        .path("type")
                        .stringValue())
                .isEqualTo("super");
        assertThat(send("GET", "/api/v1/schedulers/abc", "").statusCode()).isEqualTo(422);
        assertThat(send(
                                "POST",
                                "/api/v1/seed-peers",
                                "{\"host_name\":\"x\",\"type\":\"huge\",\"ip\":\"10.0.0.1\",\"port\":65006,"
                                        + "\"download_port\":65008,\"seed_peer_cluster_id\":1}")
                        .body())
                .contains("type: huge (expected: super, strong or weak)");
    }

    private interface Stream {
        void run() throws InterruptedException;
    }

    private static void keepAlive(Stream stream) {
        try {
            stream.run();
        } catch (InterruptedException | RuntimeException e) {
            // the test is over, or ended the stream
        }
    }

    private void signIn() throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send("POST", "/api/v1/users/signin", "{\"name\":\"root\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        token = Optional.of(JSON.readTree(answer.body()).path("token").stringValue());
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + manager.restPort() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
