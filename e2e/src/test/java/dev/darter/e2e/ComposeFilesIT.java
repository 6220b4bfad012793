package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * The deployment that most people start with: upstream's docker-compose, its programs replaced by ours. Every service runs on a host
 * of its own, beside a real MariaDB and a real Redis, with a configuration file that has the keys and values of upstream's
 * template and no key of ours.
 *
 * <p>{@code -Ddarter.e2e.templates=FOLDER} takes the files of another folder, such as upstream's own.
 */
final class ComposeFilesIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PASSWORD = "a-password-of-this-test";

    private final Deque<AutoCloseable> running = new ArrayDeque<>();

    @TempDir
    private Path directory;

    private Namespaces.Host redis;
    private Namespaces.Host database;
    private Namespaces.Host manager;
    private Namespaces.Host scheduler;
    private Namespaces network;

    @BeforeEach
    void layCables() throws IOException {
        network = started(new Namespaces(directory));
        redis = network.host();
        database = network.host();
        manager = network.host();
        scheduler = network.host();
    }

    @AfterEach
    void stopAll() throws Exception {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }

    @Test
    void passesAFileThroughSeedAndPeers() throws IOException {
        Namespaces.Host seedHost = network.host();
        Namespaces.Host originHost = network.host();
        Origin origin =
                started(Origin.in(directory.resolve("origin"), originHost.onNetwork(), originHost.address() + ":80"));
        String sha256 = origin.put("big", Sizes.file());
        started(Running.start(
                directory,
                "redis",
                redis.onNetwork(
                        "redis-server", "--bind", redis.address(), "--save", "", "--requirepass", "dragonfly")));
        started(MariaDb.start(directory.resolve("mariadb"), database.onNetwork(), database.address(), 3306));

        Running managerProcess = service("manager", manager, "manager", "");
        managerProcess.await(
                "the manager is healthy", () -> ask(manager, "/healthy", "").code() == 0);
        String token = signIn();
        Running seed = service("seed-peer", seedHost, "dfget", "daemon");
        seed.await("the manager shows the seed peer as active", () -> isActive("seed-peers", token));
        Running schedulerProcess = service("scheduler", scheduler, "scheduler", "");
        schedulerProcess.await("the manager shows the scheduler as active", () -> isActive("schedulers", token));

        for (int number = 1; number <= 2; number++) {
            Namespaces.Host host = network.host();
            Running peer = service("dfget", host, "dfget", "daemon");
            peer.await("the peer answers", () -> answers(host, 40901, "/server/ping"));
            Path output = directory.resolve("out-" + number);
            Running.run(
                            directory,
                            "tool-" + number,
                            Namespaces.beside(
                                    peer,
                                    List.of(
                                            Programs.path("dfget"),
                                            origin.url("big"),
                                            "-O",
                                            output.toString(),
                                            "--daemon-sock",
                                            "/var/run/dfdaemon.sock")))
                    .mustSucceed();
            assertThat(sha256(output)).isEqualTo(sha256);
        }
        assertThat(origin.bodyBytes() / (double) Sizes.file())
                .as("origin sent, in files")
                .isBetween(1.0, 1.02);
    }

    /** Starts a service with the file of that name, as its container would. */
    private Running service(String file, Namespaces.Host host, String program, String argument) throws IOException {
        Path config = directory.resolve(file + "-" + host.namespace() + ".yaml");
        Files.writeString(
                config,
                template(file)
                        .replace("__IP__:65003", manager.address() + ":65003")
                        .replace("__IP__:8002", scheduler.address() + ":8002")
                        .replace("__IP__:6379", redis.address() + ":6379")
                        .replace("host: __IP__", "host: " + database.address())
                        .replace("__IP__", host.address()));
        var command = new ArrayList<>(List.of("env", "DARTER_ROOT_PASSWORD=" + PASSWORD, Programs.path(program)));
        if (!argument.isEmpty()) {
            command.add(argument);
        }
        command.addAll(List.of("--config", config.toString(), "--console"));
        return started(Running.start(directory, file + "-" + host.namespace(), host.inside(command)));
    }

    private static String template(String name) throws IOException {
        String folder = System.getProperty("darter.e2e.templates", "");
        String file = name + ".template.yaml";
        if (!folder.isEmpty()) {
            return Files.readString(Path.of(folder, file));
        }
        try (InputStream own = ComposeFilesIT.class.getResourceAsStream("/compose/" + file)) {
            return new String(own.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String signIn() throws IOException {
        String body = JSON.writeValueAsString(Map.of("name", "root", "password", PASSWORD));
        var answer = ask(manager, "/api/v1/users/signin", "", "-d", body).mustSucceed();
        return JSON.readTree(answer.output()).path("token").asString();
    }

    private boolean isActive(String what, String token) throws IOException {
        var list = JSON.readTree(ask(manager, "/api/v1/" + what, token).output());
        return list.path(0).path("state").asString("").toLowerCase(Locale.ROOT).equals("active");
    }

    private Running.Ended ask(Namespaces.Host host, String path, String token, String... more) throws IOException {
        var command = host.onNetwork(
                "curl", "-sf", "-H", "Content-Type: application/json", "-H", "Authorization: Bearer " + token);
        command.addAll(List.of(more));
        command.add("http://" + host.address() + ":8080" + path);
        return Running.run(directory, "curl", command);
    }

    private boolean answers(Namespaces.Host host, int port, String path) throws IOException {
        return Running.run(
                                directory,
                                "curl",
                                host.onNetwork("curl", "-sf", "http://" + host.address() + ":" + port + path))
                        .code()
                == 0;
    }

    private <T extends AutoCloseable> T started(T what) {
        running.push(what);
        return what;
    }

    private static String sha256(Path file) throws IOException {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        try (InputStream content = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int count; (count = content.read(buffer)) > 0; ) {
                sha256.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
