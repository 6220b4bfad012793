package dev.darter.bench.lab;

import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The parts of a cluster as processes on hosts of their own: an origin (nginx), manager and scheduler on one host, a seed peer, peers. One
 * thread uses it at a time.
 */
final class Cluster implements AutoCloseable {
    static final String ORIGIN = "origin";
    static final String MANAGER = "manager";
    static final String SCHEDULER = "scheduler";
    /** The first seed; others are {@code seed-2} and so on. */
    static final String SEED = "seed";

    private static final int MANAGER_PORT = 65003;
    private static final int SCHEDULER_PORT = 8002;
    private static final int DAEMON_PORT = 65000;
    private static final int ORIGIN_PORT = 80;
    private static final double START_SECONDS = 90;

    private final Star star;
    private final Path directory;
    private final Path logs;
    private final Path darter;
    private final String extraYaml;
    private final String darterYaml;
    private final RpcRuntime runtime;
    private final Map<String, Star.Host> hosts = new LinkedHashMap<>();
    private final Map<String, LabProcess> processes = new LinkedHashMap<>();
    private final Map<String, DaemonClient> clients = new LinkedHashMap<>();
    private final List<String> seeds;
    private final List<String> peers;

    private Cluster(
            Star star,
            Path directory,
            Path logs,
            String extraYaml,
            String darterYaml,
            RpcRuntime runtime,
            List<String> seeds,
            List<String> peers) {
        this.star = star;
        this.directory = directory;
        this.logs = logs;
        this.darter = Path.of(System.getProperty("darter.home", ""), "bin", "darter");
        this.extraYaml = extraYaml;
        this.darterYaml = darterYaml;
        this.runtime = runtime;
        this.seeds = seeds;
        this.peers = peers;
    }

    /**
     * Starts everything and returns when every part listens; whether downloads go the right way is for the first of them to show.
     *
     * @param directory in memory
     * @param logs of every process
     */
    static Cluster start(Star star, Path directory, Path logs, SwarmOptions options, RpcRuntime runtime)
            throws IOException, InterruptedException {
        String yaml = options.daemonYaml().isPresent()
                ? Files.readString(options.daemonYaml().get())
                : "";
        var peers = IntStream.range(0, options.peers())
                .mapToObj(i -> "peer-" + (i + 1))
                .toList();
        var seeds = IntStream.range(0, options.seeds())
                .mapToObj(i -> i == 0 ? SEED : SEED + "-" + (i + 1))
                .toList();
        String blend = options.blend().map(", originBudget: %s"::formatted).orElse("");
        String darterYaml = "darter: {seedsPerTask: %d%s}".formatted(options.seeds(), blend);
        var cluster = new Cluster(star, directory, logs, yaml, darterYaml, runtime, seeds, peers);
        if (!Files.isExecutable(cluster.darter)) {
            throw new LabException("darter.home: " + System.getProperty("darter.home")
                    + " (expected: a built distribution; start the lab by ./darter lab)");
        }
        try {
            options.thin().ifPresent(star::addPlace);
            // Over a slow one the warm-up would take minutes.
            cluster.hosts.put(ORIGIN, star.add(ORIGIN, Math.max(options.originMbit(), options.mbit())));
            cluster.hosts.put(MANAGER, star.add("control", options.mbit()));
            cluster.hosts.put(SCHEDULER, cluster.host(MANAGER));
            for (String seed : seeds) {
                cluster.hosts.put(seed, star.add(seed, options.seedMbit()));
            }
            for (int i = 0; i < peers.size(); i++) {
                cluster.hosts.put(peers.get(i), star.add(peers.get(i), options.peerMbit(i), options.isFar(i)));
            }
            cluster.startMissing();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Names of the peers, in order. */
    List<String> peers() {
        return peers;
    }

    List<String> seeds() {
        return seeds;
    }

    /** The seeds and the peers. */
    List<String> daemons() {
        return Stream.concat(seeds.stream(), peers.stream()).toList();
    }

    LabProcess process(String name) {
        var process = processes.get(name);
        if (process == null) {
            throw new IllegalStateException(name + ": never started");
        }
        return process;
    }

    Map<String, LabProcess> processes() {
        return Map.copyOf(processes);
    }

    DaemonClient client(String daemon) {
        return clients.computeIfAbsent(
                daemon, name -> DaemonClient.unix(runtime, home(name).resolve("dfdaemon.sock")));
    }

    Path originFile(String name) {
        return directory.resolve(ORIGIN).resolve("files").resolve(name);
    }

    Path originLog() {
        return directory.resolve(ORIGIN).resolve("access.log");
    }

    String url(String name) {
        return "http://" + host(ORIGIN).ip() + "/" + name;
    }

    /** The namespace of the host that a part runs on. */
    String namespace(String name) {
        return host(name).namespace();
    }

    /** Where a daemon keeps its contents. */
    Path dataDir(String daemon) {
        return home(daemon).resolve("data");
    }

    /** The folder for what the peers put out; a link to another one that is there already is followed. */
    static Path outputs(Path directory) {
        return directory.resolve("output");
    }

    Path output(String peer, String file) {
        return outputs(directory).resolve(peer + "-" + file);
    }

    Map<String, LinkUse> links() throws IOException {
        return star.links();
    }

    /** Gives the origin's link its rate, once everybody is warm. */
    void slowOrigin(double mbit) {
        star.reshape(host(ORIGIN), mbit);
    }

    /** Starts what does not run, daemons with nothing stored, and waits until it listens. */
    void startMissing() throws IOException, InterruptedException {
        Files.createDirectories(outputs(directory));
        if (!runs(ORIGIN)) {
            startOrigin();
        }
        if (!runs(MANAGER)) {
            start(MANAGER, managerYaml(), "manager");
            process(MANAGER).awaitListening(MANAGER_PORT, START_SECONDS);
        }
        if (!runs(SCHEDULER)) {
            startScheduler();
        }
        var started = new ArrayList<String>();
        for (String daemon : daemons()) {
            if (!runs(daemon)) {
                forget(daemon);
                start(daemon, daemonYaml(daemon), "daemon");
                started.add(daemon);
            }
        }
        for (String daemon : started) {
            awaitHealthy(daemon);
        }
        // A daemon serves as soon as it knows a scheduler; the scheduler has to know a seed, too.
        var servers = new ArrayList<String>();
        daemons().forEach(daemon -> servers.add(host(daemon).ip() + ":" + DAEMON_PORT));
        servers.add(host(SCHEDULER).ip() + ":" + SCHEDULER_PORT + "/seed-peers");
        AwaitServing.run(host(MANAGER).namespace(), servers);
    }

    void startScheduler() throws IOException, InterruptedException {
        start(SCHEDULER, schedulerYaml(), "scheduler");
        process(SCHEDULER).awaitListening(SCHEDULER_PORT, START_SECONDS);
    }

    private boolean runs(String name) {
        return processes.containsKey(name) && process(name).isAlive();
    }

    private Star.Host host(String name) {
        var host = hosts.get(name);
        if (host == null) {
            throw new IllegalStateException(name + ": no such host");
        }
        return host;
    }

    private Path home(String name) {
        return directory.resolve(name);
    }

    private void start(String name, String yaml, String command) throws IOException {
        Files.createDirectories(home(name));
        Path config = home(name).resolve(command + ".yaml");
        Files.writeString(config, yaml);
        processes.put(
                name,
                LabProcess.start(
                        name,
                        host(name).namespace(),
                        logs.resolve(name + ".out"),
                        List.of(darter.toString(), command, "--config", config.toString())));
    }

    private void startOrigin() throws IOException, InterruptedException {
        Path home = home(ORIGIN);
        Files.createDirectories(home.resolve("files"));
        Path config = home.resolve("nginx.conf");
        Files.writeString(config, Origin.configuration(home, ORIGIN_PORT));
        processes.put(
                ORIGIN,
                LabProcess.start(
                        ORIGIN, host(ORIGIN).namespace(), logs.resolve("origin.out"), Origin.command(home, config)));
        process(ORIGIN).awaitListening(ORIGIN_PORT, START_SECONDS);
    }

    private void awaitHealthy(String daemon) throws InterruptedException {
        long deadline = System.nanoTime() + (long) (START_SECONDS * 1e9);
        while (!Files.exists(home(daemon).resolve("dfdaemon.sock"))
                || !client(daemon).isHealthy(Duration.ofSeconds(1))) {
            if (!process(daemon).isAlive() || System.nanoTime() > deadline) {
                throw new LabException(daemon + ": does not answer; it said: "
                        + process(daemon).said());
            }
            Thread.sleep(50);
        }
    }

    private void forget(String daemon) throws IOException {
        var client = clients.remove(daemon);
        if (client != null) {
            client.close();
        }
        if (!Files.exists(home(daemon))) {
            return;
        }
        try (Stream<Path> paths = Files.walk(home(daemon))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private String managerYaml() {
        return """
                server:
                  workHome: %1$s
                  logDir: %2$s
                  grpc:
                    listenIP: %3$s
                    port: {start: %4$d, end: %4$d}
                  rest:
                    addr: %3$s:8080
                database:
                  type: h2
                """.formatted(home(MANAGER), logs.resolve(MANAGER), host(MANAGER).ip(), MANAGER_PORT);
    }

    private String schedulerYaml() {
        return """
                server:
                  workHome: %1$s
                  cacheDir: %1$s/cache
                  dataDir: %1$s/data
                  logDir: %2$s
                  listenIP: %3$s
                  advertiseIP: %3$s
                  port: %4$d
                  host: scheduler-1
                dynConfig:
                  refreshInterval: 10s
                manager:
                  addr: %3$s:%5$d
                  schedulerClusterID: 1
                %6$s
                """.formatted(
                        home(SCHEDULER),
                        logs.resolve(SCHEDULER),
                        host(SCHEDULER).ip(),
                        SCHEDULER_PORT,
                        MANAGER_PORT,
                        darterYaml);
    }

    private String daemonYaml(String name) {
        return """
                aliveTime: 0s
                gcInterval: 1m
                keepStorage: true
                workHome: %1$s
                cacheDir: %1$s/cache
                logDir: %2$s
                dataDir: %1$s/data
                host:
                  hostname: %3$s
                  advertiseIP: %4$s
                  idc: %10$s
                scheduler:
                  manager:
                    enable: true
                    netAddrs: ["%5$s:%6$d"]
                    refreshInterval: 10s
                    seedPeer: {enable: %7$s, type: super, clusterID: 1}
                  scheduleTimeout: 30s
                download:
                  downloadGRPC:
                    unixListen: {socket: %1$s/dfdaemon.sock}
                  peerGRPC:
                    tcpListen: {listen: %4$s, port: %9$d}
                upload:
                  tcpListen: {listen: %4$s, port: 65002}
                health:
                  tcpListen: {listen: %4$s, port: 40901}
                storage:
                  multiplex: true
                %8$s
                """.formatted(
                        home(name),
                        logs.resolve(name),
                        name,
                        host(name).ip(),
                        host(MANAGER).ip(),
                        MANAGER_PORT,
                        seeds.contains(name),
                        extraYaml,
                        DAEMON_PORT,
                        star.hasTwoPlaces() ? (host(name).far() ? "far" : "here") : "\"\"");
    }

    @Override
    public void close() {
        clients.values().forEach(DaemonClient::close);
        processes.values().forEach(LabProcess::kill);
    }
}
