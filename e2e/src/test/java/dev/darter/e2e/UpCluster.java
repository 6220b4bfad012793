package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code darter up} as a user types it, in a directory of its own on ports of its own. */
final class UpCluster implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** How a JVM ends that was told to end by SIGTERM. */
    private static final int TERMINATED = 128 + 15;

    private final Path directory;
    private final Path home;
    private final List<String> command;
    private final List<Running> services = new ArrayList<>();
    private final Map<String, Running> brought = new HashMap<>();
    private final AtomicInteger outputs = new AtomicInteger();
    private Running up;
    private JsonNode file;

    private UpCluster(Path directory, int peers, boolean separate) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.home = directory.resolve("up");
        command = new ArrayList<>(List.of(Programs.path("darter"), "up", "--dir", home.toString()));
        command.addAll(List.of("--peers", "" + peers, "--port-base", "" + Ports.block(20 + 10 * (peers + 2))));
        if (separate) {
            command.add("--separate");
        }
        up = startUp();
        file = read();
    }

    static UpCluster start(Path directory, int peers) throws IOException {
        return new UpCluster(directory, peers, false);
    }

    static UpCluster startSeparate(Path directory, int peers) throws IOException {
        return new UpCluster(directory, peers, true);
    }

    /** Stops it and starts it again on the same directory. */
    void restart() throws IOException {
        assertThat(up.stop().code()).isIn(0, TERMINATED);
        up = startUp();
        file = read();
    }

    /** Ends a part at once and for good. Only where parts have processes of their own. */
    void kill(JsonNode part) {
        Running again = brought.remove(part.path("config").asString());
        ProcessHandle process = ProcessHandle.of(
                        again == null ? part.path("pid").asLong() : again.pid())
                .orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Brings a killed daemon back, as the line that told of its death says, and waits until it serves. */
    Running bringBack(JsonNode daemon) throws IOException {
        String config = daemon.path("config").asString();
        Running again = service("daemon", config, daemon.path("name").asString());
        again.await("the daemon serves", () -> again.output().contains("daemon started"));
        brought.put(config, again);
        return again;
    }

    void bringBackScheduler() throws IOException {
        service("scheduler", home.resolve("scheduler/scheduler.yaml").toString(), "scheduler-1");
    }

    void bringBackManager() throws IOException {
        service("manager", home.resolve("manager/manager.yaml").toString(), "manager");
    }

    private Running service(String role, String config, String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name + ".out"));
        Running service =
                Running.start(directory, name, List.of(Programs.path("darter"), role, "--console", "--config", config));
        services.add(service);
        return service;
    }

    JsonNode manager() {
        return file.path("manager");
    }

    JsonNode scheduler() {
        return file.path("schedulers").path(0);
    }

    JsonNode seed() {
        return file.path("seeds").path(0);
    }

    /** @param number from 1 */
    JsonNode peer(int number) {
        return file.path("peers").path(number - 1);
    }

    Path directory() {
        return home;
    }

    String output() {
        return up.output();
    }

    /** What {@code darter get --json} came to. */
    record Got(int code, JsonNode last, String output) {
        Got mustBe(String sha256) {
            assertThat(code).as(output).isZero();
            assertThat(last.path("sha256").asString()).as(output).isEqualTo(sha256);
            return this;
        }

        long from(String source) {
            return last.path("sources").path(source).asLong();
        }

        double seconds() {
            return last.path("seconds").asDouble();
        }
    }

    Got get(int peer, String url) throws IOException {
        try (Running get = startGet(peer, url)) {
            return finish(get);
        }
    }

    /** Starts a download through a peer; {@link #finish} waits for it. */
    Running startGet(int peer, String url, String... more) throws IOException {
        String name = "get-" + outputs.incrementAndGet();
        var get = new ArrayList<>(List.of(Programs.path("darter"), "get", url, "--json"));
        get.addAll(List.of("-O", directory.resolve(name).toString()));
        get.addAll(List.of("--daemon-sock", peer(peer).path("socket").asString()));
        get.addAll(List.of(more));
        return Running.start(directory, name, get);
    }

    static Got finish(Running get) {
        Running.Ended ended = get.awaitEnd();
        List<String> lines = ended.output().strip().lines().toList();
        return new Got(
                ended.code(), lines.isEmpty() ? JSON.nullNode() : JSON.readTree(lines.getLast()), ended.output());
    }

    /** Waits until a download has got so many bytes of its file. */
    static void awaitBytes(Running get, long bytes) {
        get.await(
                bytes + " bytes are there",
                () -> get.output()
                        .lines()
                        .anyMatch(line -> JSON.readTree(line).path("bytes").asLong() >= bytes));
    }

    /** What a daemon has handed out to others since it started. */
    static long uploaded(JsonNode daemon) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(
                    URI.create("http://" + daemon.path("upload").asString() + "/metrics"));
            String text = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return text.lines()
                    .filter(line -> line.startsWith("darter_peer_uploaded_bytes_total "))
                    .mapToLong(line -> (long) Double.parseDouble(line.split(" ")[1]))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no count of uploaded bytes in\n" + text));
        }
    }

    @Override
    public void close() {
        services.forEach(Running::close);
        up.close();
    }

    private Running startUp() throws IOException {
        Files.deleteIfExists(directory.resolve("up.out"));
        Running starting = Running.start(directory, "up", command);
        starting.await("ready", () -> starting.output().endsWith("\nready\n"));
        return starting;
    }

    private JsonNode read() throws IOException {
        return JSON.readTree(Files.readAllBytes(home.resolve("cluster.json")));
    }
}
