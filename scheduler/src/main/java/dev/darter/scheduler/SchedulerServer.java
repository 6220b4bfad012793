package dev.darter.scheduler;

import dev.darter.core.HostId;
import dev.darter.core.SigningKey;
import dev.darter.scheduler.announce.Office;
import dev.darter.scheduler.announce.Warrants;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.dynconfig.Dynconfig;
import dev.darter.scheduler.grpc.CountedSchedulerService;
import dev.darter.scheduler.grpc.SchedulerService;
import dev.darter.scheduler.seedpeer.PeerMetrics;
import dev.darter.scheduler.seedpeer.PlaceMetrics;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.wire.client.ClusterView;
import dev.darter.wire.client.ManagerClient;
import dev.darter.wire.client.SeedPeerClient;
import dev.darter.wire.client.ServerAddress;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.SchedulerMetrics;
import dev.darter.wire.metrics.VersionMetric;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One scheduler process: its swarm, its policy, its wire. */
public final class SchedulerServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerServer.class);
    private static final Duration SEED_CHECK = Duration.ofSeconds(5);
    private static final Duration SEED_CHECK_WHILE_MISSING = Duration.ofMillis(200);
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final String MARK = "scheduler.started";
    private static final String KEY = "scheduler.key";

    /** Health under this name says whether a seed peer can be asked. */
    private static final String SEED_PEERS = "seed-peers";

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final GrpcServer grpc;
    private final SeedPeerClient seeds;
    private final Swarm swarm;

    private SchedulerServer(GrpcServer grpc, SeedPeerClient seeds, Swarm swarm) {
        this.grpc = grpc;
        this.seeds = seeds;
        this.swarm = swarm;
    }

    /** As {@link #start(SchedulerConfig, InstantSource, RpcRuntime, MetricRegistry)}, where nobody reads metrics. */
    public static SchedulerServer start(SchedulerConfig config, InstantSource clock, RpcRuntime runtime)
            throws IOException {
        return start(config, clock, runtime, new MetricRegistry(clock));
    }

    /**
     * Starts to serve. A manager that is away does not keep a scheduler from starting.
     *
     * @param metrics gets the families of one scheduler
     * @throws IOException if the port cannot be listened on or a directory cannot be made
     */
    public static SchedulerServer start(
            SchedulerConfig config, InstantSource clock, RpcRuntime runtime, MetricRegistry metrics)
            throws IOException {
        Files.createDirectories(config.cacheDir());
        Files.createDirectories(config.dataDir());
        var warrants = new Warrants(SigningKey.loadOrCreate(config.dataDir().resolve(KEY)));
        var swarm = new Swarm(clock);
        VersionMetric.register(metrics, "dragonfly_scheduler", SchedulerServer.class);
        var counts = new SchedulerMetrics(metrics);
        var peerCounts = new PeerMetrics(counts, new PlaceMetrics(metrics), swarm, config.hostMetrics());
        var seedClient = new SeedPeerClient(runtime);
        var seedPeers = new SeedPeers(
                seedClient,
                swarm,
                config.seedPeer().taskDownloadTimeout(),
                config.policy().seedsPerTask(),
                peerCounts,
                warrants::issue);
        var manager = config.manager().map(where -> connect(config, where, runtime));
        var seedAddresses = new SeedAddresses(swarm, seedClient);
        var dynconfig = manager.map(link -> new Dynconfig(
                link.client(),
                link.self(),
                config.refreshInterval(),
                config.cacheDir().resolve("dynconfig").resolve("scheduler.json"),
                seedAddresses::take,
                seedClient::isReady));
        Supplier<ClusterConfig> cluster =
                () -> dynconfig.map(Dynconfig::current).orElse(ClusterConfig.UNKNOWN);
        var office = Office.open(
                config,
                swarm,
                seedPeers,
                cluster,
                wasHereBefore(config.dataDir().resolve(MARK)),
                RandomGenerator.of("L64X128MixRandom"));
        var server = new SchedulerServer(
                GrpcServer.start(
                        runtime,
                        List.of(new GrpcServer.Listener.Tcp(
                                config.server().listenIp(),
                                config.server().port(),
                                config.server().port(),
                                List.of(new CountedSchedulerService(
                                        new SchedulerService(office, warrants), swarm, counts, peerCounts)))),
                        true),
                seedClient,
                swarm);
        server.parts.add(seedClient);
        server.parts.add(office);
        dynconfig.ifPresent(Dynconfig::start);
        dynconfig.ifPresent(server.parts::add);
        server.run("seed-check", () -> seedAddresses.checkForEver(server::tellWhetherSeedsAnswer));
        manager.ifPresent(link -> {
            server.parts.add(link.client());
            server.run(
                    "keepalive",
                    () -> keepAlive(link, config.manager().orElseThrow().keepAliveInterval()));
        });
        LOG.atInfo()
                .addKeyValue("port", server.port())
                .addKeyValue("hostname", config.server().hostname())
                .addKeyValue("key", warrants.verifyKey())
                .log("scheduler started");
        return server;
    }

    /** The port really bound. */
    public int port() {
        return grpc.port();
    }

    /** Shows the size of the swarm; {@code metrics} may be asked as long as this scheduler runs. */
    public void register(MetricRegistry metrics) {
        metrics.sampledGauge(
                "darter_scheduler_hosts",
                "Hosts that this scheduler knows.",
                () -> swarm.hosts().size());
        metrics.sampledGauge(
                "darter_scheduler_tasks",
                "Tasks that this scheduler knows.",
                () -> swarm.tasks().size());
        metrics.sampledGauge(
                "darter_scheduler_peers",
                "Peers of all tasks that this scheduler knows.",
                () -> swarm.peers().size());
    }

    /** Whether a seed peer can be asked. */
    public boolean knowsSeedPeer() {
        return seeds.isReady();
    }

    /** What it knows, for whoever looks into it from beside. */
    Swarm swarm() {
        return swarm;
    }

    private void tellWhetherSeedsAnswer() {
        grpc.setServing(SEED_PEERS, seeds.isReady());
    }

    /** Takes no new calls, gives running ones a moment, then ends. */
    @Override
    public void close() {
        grpc.close(DRAIN);
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a part did not close in order");
            }
        }
        LOG.info("scheduler stopped");
    }

    private record ManagerLink(ManagerClient client, ManagerClient.Scheduler self) {}

    private static ManagerLink connect(SchedulerConfig config, SchedulerConfig.Manager where, RpcRuntime runtime) {
        var client = new ManagerClient(runtime, where.addresses());
        var caller = new ManagerClient.Caller(
                config.server().hostname(), config.server().advertiseIp(), config.idc(), config.location());
        return new ManagerLink(
                client, new ManagerClient.Scheduler(caller, config.server().advertisePort(), where.clusterId()));
    }

    private static void keepAlive(ManagerLink link, Duration interval) throws InterruptedException {
        while (true) {
            try {
                link.client().keepSchedulerAlive(link.self(), interval);
            } catch (RuntimeException e) {
                LOG.atDebug().addKeyValue("reason", e.getMessage()).log("keepalive broke; it is opened again");
            }
            Thread.sleep(interval.compareTo(Duration.ofSeconds(1)) < 0 ? interval : Duration.ofSeconds(1));
        }
    }

    /** Whether a scheduler ran on this data directory before: then there may be peers who will announce what they hold. */
    private static boolean wasHereBefore(Path mark) throws IOException {
        if (Files.exists(mark)) {
            return true;
        }
        Files.createFile(mark);
        return false;
    }

    private interface Loop {
        void run() throws InterruptedException;
    }

    private void run(String name, Loop loop) {
        Thread thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                loop.run();
            } catch (InterruptedException e) {
                // the scheduler closes
            }
        });
        parts.add(thread::interrupt);
    }

    /** The seed peers that the manager lists: hosts in the swarm, members of the ring while they answer. */
    private static final class SeedAddresses {
        private final Swarm swarm;
        private final SeedPeerClient client;
        private volatile List<ServerAddress> addresses = List.of();

        SeedAddresses(Swarm swarm, SeedPeerClient client) {
            this.swarm = swarm;
            this.client = client;
        }

        void take(ClusterConfig config) {
            addresses = SeedPeers.enter(swarm, config.seeds());
            for (ClusterView.Seed seed : config.seeds()) {
                Optional<Host> host = swarm.host(HostId.of(seed.ip(), seed.hostname()));
                host.ifPresent(known -> known.limitUploads(Dynconfig.number(seed.config(), "load_limit")));
            }
            var _ = client.update(addresses);
        }

        void checkForEver(Runnable afterEach) throws InterruptedException {
            while (true) {
                boolean answered = !addresses.isEmpty() && client.update(addresses);
                afterEach.run();
                Thread.sleep(answered ? SEED_CHECK : SEED_CHECK_WHILE_MISSING);
            }
        }
    }
}
