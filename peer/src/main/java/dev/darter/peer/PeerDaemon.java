package dev.darter.peer;

import dev.darter.core.HostId;
import dev.darter.core.HostReport;
import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerHost;
import dev.darter.core.SigningKey;
import dev.darter.peer.announce.HostAnnouncer;
import dev.darter.peer.announce.HostIdentity;
import dev.darter.peer.announce.SeedRegistration;
import dev.darter.peer.announce.TaskAnnouncer;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.fetch.PieceFetcher;
import dev.darter.peer.fetch.SourceFetcher;
import dev.darter.peer.grpc.PieceServices;
import dev.darter.peer.neighbour.Followers;
import dev.darter.peer.neighbour.HandOuts;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.peer.neighbour.ParentChannels;
import dev.darter.peer.scheduler.Holdings;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.scheduler.SchedulerFinder;
import dev.darter.peer.scheduler.SchedulerLists;
import dev.darter.peer.storage.DiskStorage;
import dev.darter.peer.task.Environment;
import dev.darter.peer.task.TaskMetrics;
import dev.darter.peer.task.Tasks;
import dev.darter.peer.transfer.BlockClient;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.Connections;
import dev.darter.peer.transfer.PieceClient;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.peer.transfer.UploadServer;
import dev.darter.peer.trust.Bans;
import dev.darter.peer.trust.SchedulerKeys;
import dev.darter.peer.trust.Trust;
import dev.darter.source.Sources;
import dev.darter.wire.client.ManagerClient;
import dev.darter.wire.client.ServerAddress;
import dev.darter.wire.metrics.HttpMetrics;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.ProcessMetrics;
import dev.darter.wire.metrics.ProxyMetrics;
import dev.darter.wire.metrics.SchedulerMetrics;
import dev.darter.wire.metrics.VersionMetric;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running daemon: peer or seed peer, as its configuration says. Any thread may call it. */
public final class PeerDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerDaemon.class);

    /** How long running requests may go on after the daemon was told to stop. */
    private static final Duration DRAIN = Duration.ofSeconds(30);

    private static final long BUFFER_BYTES = 32L << 20;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A parent that queues transfers begins within ten seconds; one that is silent for longer is stuck. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

    /** To v2.1.28 peers: each asks for four pieces at once, and gives up one that has not come in thirty seconds. */
    private static final int MOST_OPEN_UPLOADS = 4;

    private final PeerConfig config;
    private final HostIdentity host;
    private final Tasks tasks;
    private final DiskStorage storage;
    private final GrpcServer grpc;
    private final PieceServices services;
    private final UploadServer upload;
    private final StatusServer health;
    private final Optional<StatusServer> metricsServer;
    private final HostAnnouncer announcer;
    private final Closing parts;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** As {@link #start(PeerConfig, InstantSource, RpcRuntime, MetricRegistry)}, with threads and metrics of its own. */
    public static PeerDaemon start(PeerConfig config, InstantSource clock) throws IOException {
        var parts = new Closing();
        return start(config, clock, parts.add(new RpcRuntime()), metrics(clock), parts);
    }

    /** As {@link #start(PeerConfig, InstantSource, RpcRuntime, MetricRegistry)}, with metrics of its own. */
    public static PeerDaemon start(PeerConfig config, InstantSource clock, RpcRuntime runtime) throws IOException {
        return start(config, clock, runtime, metrics(clock));
    }

    /**
     * Opens all listeners; returns when tools and children can ask.
     *
     * @param runtime shared with others; stays open
     * @param metrics gets the families of one daemon
     * @throws IOException if an address cannot be listened on, or a directory cannot be used
     */
    public static PeerDaemon start(PeerConfig config, InstantSource clock, RpcRuntime runtime, MetricRegistry metrics)
            throws IOException {
        return start(config, clock, runtime, metrics, new Closing());
    }

    private static MetricRegistry metrics(InstantSource clock) {
        var metrics = new MetricRegistry(clock);
        ProcessMetrics.register(metrics);
        return metrics;
    }

    private static PeerDaemon start(
            PeerConfig config, InstantSource clock, RpcRuntime runtime, MetricRegistry metrics, Closing parts)
            throws IOException {
        try {
            return new PeerDaemon(config, clock, runtime, metrics, parts);
        } catch (IOException | RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    private PeerDaemon(
            PeerConfig config, InstantSource clock, RpcRuntime runtime, MetricRegistry metrics, Closing parts)
            throws IOException {
        this.config = config;
        this.parts = parts;
        host = HostIdentity.of(config.host());
        metrics.include(runtime.metrics());
        VersionMetric.register(metrics, "dragonfly_dfdaemon", PeerDaemon.class);
        SchedulerMetrics.registerIdle(metrics);
        var _ = new ProxyMetrics(metrics);

        // Storage, and what moves bytes in and out of it
        storage = parts.add(DiskStorage.start(config.storage(), clock, _ -> {}));
        var handOuts = new HandOuts(System::nanoTime);
        var listen = config.upload().listen();
        upload = parts.add(UploadServer.start(
                new UploadServer.Config(
                        listen.address(),
                        listen.firstPort(),
                        listen.lastPort(),
                        config.upload().rateLimit(),
                        MOST_OPEN_UPLOADS,
                        MeshRules.DEFAULT.openUploads(),
                        MeshRules.DEFAULT.longestQueue(),
                        MeshRules.DEFAULT.openFirstCopies()),
                storage,
                handOuts,
                new HttpMetrics(metrics, "dragonfly_dfdaemon_upload"),
                metrics::expose));
        metrics.sampledCounter(
                "darter_peer_uploaded_bytes_total", "Bytes handed out to other peers.", upload::uploadedBytes);
        var buffers = new Buffers(BUFFER_BYTES);
        var rate = RateLimiter.of(config.download().totalRateLimit());
        Duration silence = config.download().pieceDownloadTimeout();
        var connections = parts.add(
                Connections.start(CONNECT_TIMEOUT, silence.compareTo(LONGEST_SILENCE) < 0 ? silence : LONGEST_SILENCE));
        var blocks = parts.add(new BlockFetcher(new BlockClient(connections), buffers, rate));
        var source = parts.add(Sources.standard());

        // The schedulers, and the downloads that need them
        var me = new CompletableFuture<PeerHost>();
        var serving = new CompletableFuture<GrpcServer>();
        var holdings = new Holdings();
        Optional<ManagerClient> manager = manager(runtime, parts);
        var schedulers = parts.add(SchedulerFinder.start(
                runtime,
                schedulerLists(manager, clock),
                known -> serving.thenAccept(server -> server.setServing(known))));
        var trust = new Trust(
                key(config.cacheDir().resolve("daemon.key")),
                SchedulerKeys.load(config.cacheDir().resolve("scheduler-keys")),
                new Bans());
        schedulers.client().introduce(trust.key().verifyKey());
        metrics.sampledGauge(
                "darter_peer_banned_hosts",
                "Hosts that lied, and are not asked any more.",
                () -> trust.bans().size());
        var taskMetrics = new TaskMetrics(metrics);
        var channels = parts.add(new ParentChannels(runtime));
        var neighbours = parts.add(new Neighbours(channels));
        tasks = parts.add(new Tasks(
                new Environment(
                        storage,
                        neighbours,
                        handOuts,
                        new PieceFetcher(new PieceClient(connections, buffers), rate),
                        blocks,
                        new SourceFetcher(source, buffers, rate),
                        trust,
                        schedulers,
                        holdings,
                        config.scheduler(),
                        config.download(),
                        me::join,
                        taskMetrics,
                        clock),
                channels));

        // Listeners: from here on, others may ask
        var followers = new Followers(storage, handOuts, neighbours, tasks::met, me::join);
        services = parts.add(new PieceServices(tasks, followers, holdings, taskMetrics, me::join, clock));
        grpc = GrpcServer.start(
                runtime,
                List.of(
                        new GrpcServer.Listener.Tcp(
                                config.peerGrpc().address(),
                                config.peerGrpc().firstPort(),
                                config.peerGrpc().lastPort(),
                                services.forPeers()),
                        new GrpcServer.Listener.Unix(config.downloadSocket(), services.forTools())),
                false);
        parts.add(() -> grpc.close(Duration.ZERO));
        health = parts.add(StatusServer.start(
                "health.tcpListen",
                config.health().listen(),
                config.health().path(),
                "application/json; charset=utf-8",
                () -> "\"OK\""));
        metricsServer = config.metrics().isPresent()
                ? Optional.of(parts.add(StatusServer.start(
                        "metrics",
                        config.metrics().get(),
                        "/metrics",
                        "text/plain; version=0.0.4; charset=utf-8",
                        metrics::expose)))
                : Optional.empty();

        // Announcements: from here on, others know
        PeerHost announced = host.at(grpc.port(), upload.port());
        me.complete(announced);
        serving.complete(grpc);
        announcer = parts.add(HostAnnouncer.start(
                schedulers.client(),
                announced,
                config.scheduler().isSeedPeer() ? HostType.SUPER : HostType.NORMAL,
                config.announceInterval(),
                config.storage().dataDir(),
                build()));
        parts.add(TaskAnnouncer.start(schedulers.client(), storage, holdings, tasks::isUnsettled, announced));
        if (config.scheduler().isSeedPeer() && manager.isPresent()) {
            parts.add(seedRegistration(manager.get(), announced));
        }
        LOG.atInfo()
                .addKeyValue("host", host.id())
                .addKeyValue("hostname", host.hostname())
                .addKeyValue("ip", host.ip())
                .addKeyValue("grpc", grpc.port())
                .addKeyValue("upload", upload.port())
                .addKeyValue("health", health.port())
                .log("daemon started");
    }

    /** Under which schedulers and children know this host. */
    public HostId hostId() {
        return host.id();
    }

    /** The TCP port of the gRPC services. */
    public int rpcPort() {
        return grpc.port();
    }

    /** The port that hands out pieces. */
    public int uploadPort() {
        return upload.port();
    }

    /** The port that answers pings. */
    public int healthPort() {
        return health.port();
    }

    /** The port that metrics are read from; empty where there is none. */
    public OptionalInt metricsPort() {
        return metricsServer.isPresent() ? OptionalInt.of(metricsServer.get().port()) : OptionalInt.empty();
    }

    Tasks tasks() {
        return tasks;
    }

    /** Bytes of pieces handed out to other peers since the start. */
    public long uploadedBytes() {
        return upload.uploadedBytes();
    }

    /**
     * Waits until the daemon has had nothing to do for as long as its configuration allows, or was closed; for ever when it
     * may live for ever.
     */
    public void awaitIdle() throws InterruptedException {
        if (config.aliveTime().isZero()) {
            stopped.await();
            return;
        }
        long seen;
        do {
            seen = activity();
        } while (!stopped.await(config.aliveTime().toNanos(), TimeUnit.NANOSECONDS)
                && (tasks.isBusy() || activity() != seen));
    }

    private long activity() {
        return tasks.requests() + upload.uploadedBytes();
    }

    /** Takes no new work, lets running work end for a while, says good-bye. */
    @Override
    public void close() {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        services.close(); // children that only listen would hold the daemon for ever
        grpc.close(DRAIN);
        if (!config.keepStorage()) {
            announcer.leave();
            storage.dropAll();
        }
        parts.close();
        stopped.countDown();
        LOG.atInfo().addKeyValue("host", host.id()).log("daemon stopped");
    }

    /** A key that cannot be kept is as good: what it signed holds, and the next one is announced like this one. */
    private static SigningKey key(Path file) {
        try {
            return SigningKey.loadOrCreate(file);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("the key of this daemon cannot be kept; it gets another one at its next start");
            return SigningKey.generate();
        }
    }

    private Optional<ManagerClient> manager(RpcRuntime runtime, Closing opened) {
        SchedulerConfig.Manager manager = config.scheduler().manager();
        return manager.enable()
                ? Optional.of(opened.add(new ManagerClient(runtime, manager.netAddrs())))
                : Optional.empty();
    }

    private SchedulerLists schedulerLists(Optional<ManagerClient> manager, InstantSource clock) {
        if (manager.isEmpty()) {
            return SchedulerLists.of(config.scheduler().netAddrs().stream()
                    .map(PeerDaemon::address)
                    .toList());
        }
        ManagerClient.Caller caller = caller();
        return SchedulerLists.from(
                () -> manager.get().listSchedulers(caller),
                config.scheduler().manager().refreshInterval(),
                config.cacheDir(),
                clock);
    }

    private static ServerAddress address(NetAddress address) {
        return new ServerAddress(address.host(), "", address.port(), 0);
    }

    private ManagerClient.Caller caller() {
        return new ManagerClient.Caller(host.hostname(), host.ip(), host.idc(), host.location());
    }

    private SeedRegistration seedRegistration(ManagerClient manager, PeerHost announced) {
        SchedulerConfig.SeedPeer seed = config.scheduler().manager().seedPeer();
        return SeedRegistration.start(
                manager,
                new ManagerClient.SeedPeer(
                        caller(), seed.type(), announced.rpcPort(), announced.downPort(), 0, seed.clusterId()),
                seed.keepAliveInterval());
    }

    private static HostReport.Build build() {
        String version = PeerDaemon.class.getPackage().getImplementationVersion();
        return new HostReport.Build(
                "darter-" + (version == null ? "unknown" : version),
                "unknown",
                "java" + Runtime.version().feature(),
                System.getProperty("os.name", "") + "/" + System.getProperty("os.arch", ""));
    }
}
