package dev.darter.app.config;

import dev.darter.core.NetAddress;
import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.announce.HostIdentity;
import dev.darter.scheduler.SchedulerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code scheduler.yaml}. */
public final class SchedulerSettings {
    private static final int PORT = 8002;

    private static final KnownKeys KEYS = KnownKeys.of(
            """
            console
            verbose
            server.advertiseIP
            server.advertisePort
            server.listenIP
            server.port
            server.host
            server.workHome
            server.cacheDir
            server.logDir
            server.dataDir
            scheduler.backToSourceCount
            scheduler.retryBackToSourceLimit
            scheduler.retryLimit
            scheduler.retryInterval
            scheduler.gc.pieceDownloadTimeout
            scheduler.gc.peerGCInterval
            scheduler.gc.peerTTL
            scheduler.gc.taskGCInterval
            scheduler.gc.hostGCInterval
            scheduler.gc.hostTTL
            dynConfig.refreshInterval
            host.idc
            host.location
            manager.addr
            manager.schedulerClusterID
            manager.keepAlive.interval
            seedPeer.enable
            seedPeer.taskDownloadTimeout
            metrics.enable
            metrics.addr
            metrics.enableHost
            darter.originBudget
            darter.seedingsPerSeed
            darter.seedsPerTask
            """,
            Map.of(
                    "jobs over Redis come in a later version",
                    """
                    database.**
                    job.**
                    """,
                    "TLS comes in a later version; listeners and calls are plain text",
                    """
                    security.**
                    """,
                    "comes in a later version",
                    """
                    networkTopology.**
                    storage.**
                    network.**
                    jaeger
                    service-name
                    pprof-port
                    server.pluginDir
                    """,
                    "our way of doing it leaves nothing to set",
                    """
                    scheduler.algorithm
                    scheduler.maxScheduleCount
                    resource.**
                    trainer.**
                    """,
                    "upstream removed this name, and ignores it too",
                    """
                    scheduler.backSourceCount
                    scheduler.retryBackSourceLimit
                    """));

    private SchedulerSettings() {}

    /** A scheduler's configuration with what belongs to the process around it. */
    public record Loaded(
            SchedulerConfig config, Path workHome, Path logDir, boolean console, boolean verbose, List<String> warnings)
            implements ProcessSettings {}

    /** @throws ConfigException naming file, line, key, value and what was expected */
    public static Loaded load(Path file, boolean strict) {
        return load(Settings.read(file), strict);
    }

    static Loaded load(Settings settings, boolean strict) {
        List<String> warnings = settings.review(KEYS, strict);
        try {
            return new Loaded(
                    bind(settings),
                    Path.of(settings.text("server.workHome").orElse("/usr/local/dragonfly")),
                    Path.of(settings.text("server.logDir").orElse("/var/log/dragonfly")),
                    settings.flag("console", false),
                    settings.flag("verbose", false),
                    warnings);
        } catch (IllegalArgumentException e) {
            throw settings.illegal(e);
        }
    }

    private static SchedulerConfig bind(Settings settings) {
        int port = settings.port("server.port", PORT);
        var server = new SchedulerConfig.Server(
                settings.ip("server.listenIP").orElse("0.0.0.0"),
                port,
                settings.ip("server.advertiseIP").orElseGet(LocalHost::address),
                settings.port("server.advertisePort", port),
                settings.text("server.host").orElseGet(LocalHost::name));
        SchedulerConfig.Policy policy = SchedulerConfig.Policy.DEFAULT;
        SchedulerConfig.Expiry expiry = SchedulerConfig.Expiry.DEFAULT;
        var manager = settings.address("manager.addr")
                .map(address -> new SchedulerConfig.Manager(
                        List.of(address),
                        settings.number("manager.schedulerClusterID", SchedulerConfig.Manager.DEFAULT_CLUSTER),
                        settings.duration("manager.keepAlive.interval", SchedulerConfig.Manager.DEFAULT_KEEP_ALIVE)));
        var by = SchedulerConfig.of(server, manager, Path.of("/"), Path.of("/"));
        return new SchedulerConfig(
                server,
                new SchedulerConfig.Policy(
                        settings.integer("scheduler.backToSourceCount", policy.backToSourceCount()),
                        settings.integer("scheduler.retryBackToSourceLimit", policy.retryBackToSourceLimit()),
                        settings.integer("scheduler.retryLimit", policy.retryLimit()),
                        settings.duration("scheduler.retryInterval", policy.retryInterval()),
                        settings.decimal("darter.originBudget", policy.originBudget()),
                        settings.integer("darter.seedingsPerSeed", policy.seedingsPerSeed()),
                        settings.integer("darter.seedsPerTask", policy.seedsPerTask())),
                new SchedulerConfig.Expiry(
                        settings.duration("scheduler.gc.pieceDownloadTimeout", expiry.pieceDownloadTimeout()),
                        settings.duration("scheduler.gc.peerGCInterval", expiry.peerGcInterval()),
                        settings.duration("scheduler.gc.peerTTL", expiry.peerTtl()),
                        settings.duration("scheduler.gc.taskGCInterval", expiry.taskGcInterval()),
                        settings.duration("scheduler.gc.hostGCInterval", expiry.hostGcInterval()),
                        settings.duration("scheduler.gc.hostTTL", expiry.hostTtl())),
                new SchedulerConfig.SeedPeer(
                        settings.flag("seedPeer.enable", true),
                        settings.duration(
                                "seedPeer.taskDownloadTimeout", by.seedPeer().taskDownloadTimeout())),
                settings.text("host.idc", ""),
                settings.text("host.location", ""),
                manager,
                settings.duration("dynConfig.refreshInterval", by.refreshInterval()),
                Path.of(settings.text("server.cacheDir").orElse("/var/cache/dragonfly")),
                Path.of(settings.text("server.dataDir").orElse("/var/lib/dragonfly")),
                settings.flag("metrics.enable", false)
                        ? Optional.of(settings.listen("metrics.addr", new NetAddress("0.0.0.0", 8000)))
                        : Optional.empty(),
                settings.flag("metrics.enableHost", false));
    }

    /** What this machine is called where the file does not say. */
    static final class LocalHost {
        private LocalHost() {}

        static String name() {
            try {
                return InetAddress.getLocalHost().getCanonicalHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }

        static String address() {
            try {
                return HostIdentity.of(HostConfig.DEFAULT).ip();
            } catch (IOException e) {
                throw new ConfigException(
                        "server.advertiseIP: not set, and this machine has no address: " + e.getMessage());
            }
        }
    }
}
