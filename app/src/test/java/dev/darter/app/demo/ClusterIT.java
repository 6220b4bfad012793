package dev.darter.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.app.config.ConfigException;
import dev.darter.app.serve.StopSignal;
import dev.darter.app.up.Cluster;
import dev.darter.app.up.FreePorts;
import dev.darter.wire.rpc.RpcRuntime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole cluster in this process: what {@code darter up} and {@code darter demo} promise. */
final class ClusterIT {
    private static final long SIZE = 9 << 20;
    private static final long RATE = 64 << 20;

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void bringsOneFileToAllPeersAndHasItAfterARestartWithoutTheOrigin() throws Exception {
        var options = new Cluster.Options(directory, 3, FreePorts.base(3), false);
        String url;
        String sha256;
        try (var origin = DemoOrigin.start(0, SIZE, RATE)) {
            url = origin.url();
            sha256 = origin.sha256();
            try (var cluster = start(options)) {
                assertThat(downloadEverywhere(cluster, url, sha256, "first")).allMatch(PeerDownload::verified);
                assertThat(origin.sentBytes()).isEqualTo(SIZE);
                assertEverythingThatIsNamedAnswers();
            }
        }
        assertThat(directory.resolve("cluster.json")).doesNotExist();

        try (var cluster = start(options)) {
            assertThat(downloadEverywhere(cluster, url, sha256, "second")).allMatch(PeerDownload::verified);
        }
    }

    @Test
    void refusesADirectoryThatIsInUse() throws Exception {
        var options = new Cluster.Options(directory, 1, FreePorts.base(1), false);
        try (var _ = start(options)) {
            assertThatThrownBy(() -> start(options))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("a cluster runs there already");
        }
    }

    @Test
    void refusesADirectoryBelowAFile() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        var options = new Cluster.Options(file.resolve("up"), 1, FreePorts.base(1), false);

        assertThatThrownBy(() -> start(options))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("--dir: " + file)
                .hasMessageContaining("expected: a directory");
    }

    private static Cluster start(Cluster.Options options) throws Exception {
        return Cluster.start(options, System.out, StopSignal.never());
    }

    private List<PeerDownload> downloadEverywhere(Cluster cluster, String url, String sha256, String name)
            throws Exception {
        var downloads = new ArrayList<PeerDownload>();
        try (var runtime = new RpcRuntime()) {
            cluster.sockets()
                    .forEach((peer, socket) -> downloads.add(new PeerDownload(
                            peer, socket, url, directory.resolve(name + "-" + peer), sha256, runtime)));
            var threads = downloads.stream().map(Thread.ofVirtual()::start).toList();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        return downloads;
    }

    private void assertEverythingThatIsNamedAnswers() throws Exception {
        JsonNode cluster = JsonMapper.builder().build().readTree(directory.resolve("cluster.json"));
        assertThat(get(cluster.path("manager").path("rest").asString() + "/healthy"))
                .isEqualTo("\"OK\"");
        assertThat(metrics(cluster.path("schedulers").path(0))).contains("darter_scheduler_tasks 1\n");
        assertThat(metrics(cluster.path("seeds").path(0))).contains("darter_peer_uploaded_bytes_total");
        assertThat(cluster.path("peers").size()).isEqualTo(3);
        for (JsonNode peer : cluster.path("peers")) {
            assertThat(metrics(peer)).contains("dragonfly_dfdaemon_file_task_total 1\n");
            assertThat(get("http://" + peer.path("health").asString() + "/server/ping"))
                    .isEqualTo("\"OK\"");
        }
    }

    private String metrics(JsonNode part) throws Exception {
        return get("http://" + part.path("metrics").asString() + "/metrics");
    }

    private String get(String url) throws Exception {
        var answer = client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(url).isEqualTo(200);
        return answer.body();
    }
}
