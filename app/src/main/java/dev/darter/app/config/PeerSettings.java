package dev.darter.app.config;

import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import dev.darter.peer.PeerConfig;
import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.task.DownloadConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code dfget.yaml}, also when it is a seed peer's. */
public final class PeerSettings {
    private static final String PROXY = "the proxy comes in a later version";
    private static final String LATER = "comes in a later version";

    private static final KnownKeys KEYS = KnownKeys.of(
            """
            aliveTime
            gcInterval
            keepStorage
            metrics
            workHome
            cacheDir
            logDir
            dataDir
            console
            verbose
            scheduler.manager.enable
            scheduler.manager.netAddrs
            scheduler.manager.refreshInterval
            scheduler.manager.seedPeer.enable
            scheduler.manager.seedPeer.type
            scheduler.manager.seedPeer.clusterID
            scheduler.manager.seedPeer.keepAlive.interval
            scheduler.netAddrs
            scheduler.scheduleTimeout
            scheduler.disableAutoBackSource
            host.idc
            host.location
            host.hostname
            host.advertiseIP
            download.totalRateLimit
            download.perPeerRateLimit
            download.pieceDownloadTimeout
            download.grpcDialTimeout
            download.watchdogTimeout
            download.calculateDigest
            download.prefetch
            download.concurrent.thresholdSize
            download.concurrent.thresholdSpeed
            download.concurrent.goroutineCount
            download.concurrent.initBackoff
            download.concurrent.maxBackoff
            download.concurrent.maxAttempts
            download.downloadGRPC.unixListen.socket
            download.peerGRPC.tcpListen.port.**
            download.peerGRPC.tcpListen.listen
            upload.rateLimit
            upload.tcpListen.port.**
            upload.tcpListen.listen
            storage.taskExpireTime
            storage.diskGCThreshold
            storage.diskGCThresholdPercent
            storage.multiplex
            health.path
            health.tcpListen.port.**
            health.tcpListen.listen
            announcer.schedulerInterval
            """,
            Map.of(
                    PROXY,
                    """
                    proxy.**
                    """,
                    "TLS comes in a later version; listeners and calls are plain text",
                    """
                    security.**
                    download.downloadGRPC.security.**
                    download.peerGRPC.security.**
                    upload.security.**
                    health.security.**
                    health.tcpListen.security.**
                    download.syncPieceViaHTTPS
                    """,
                    LATER,
                    """
                    objectStorage.**
                    download.resourceClients.**
                    download.recursiveConcurrent.**
                    download.cacheRecursiveMetadata
                    download.peerGRPC.tcpListen.namespace
                    upload.tcpListen.namespace
                    health.tcpListen.namespace
                    health.tcpListen.path
                    reload.**
                    network.**
                    networkTopology.**
                    pluginDir
                    jaeger
                    service-name
                    pprof-port
                    """,
                    "our way of doing it leaves nothing to set",
                    """
                    workHomeMode
                    cacheDirMode
                    dataDirMode
                    download.trafficShaperType
                    download.getPiecesMaxRetry
                    download.splitRunningTasks
                    download.transportOption.**
                    storage.strategy
                    storage.dataPath
                    """,
                    "upstream ignores it at this place, and so do we; see scheduler.manager.seedPeer",
                    """
                    scheduler.seedPeer.**
                    scheduler.manager.seedPeer.keepAlive.internal
                    """));

    private PeerSettings() {}

    /**
     * A daemon's configuration with what belongs to the process around it.
     *
     * @param warnings for the log, once it is open
     */
    public record Loaded(
            PeerConfig config, Path workHome, Path logDir, boolean console, boolean verbose, List<String> warnings)
            implements ProcessSettings {}

    /**
     * Reads a file.
     *
     * @throws ConfigException naming file, line, key, value and what was expected
     */
    public static Loaded load(Path file, boolean strict) {
        return load(file, strict, Map.of());
    }

    /**
     * Reads a file.
     *
     * @param instead values that come before those of the file, by their keys
     * @throws ConfigException as {@link #load(Path, boolean)}
     */
    public static Loaded load(Path file, boolean strict, Map<String, String> instead) {
        return load(Settings.read(file).with(instead), strict);
    }

    static Loaded load(Settings settings, boolean strict) {
        List<String> warnings = settings.review(KEYS, strict);
        try {
            var config = bind(settings);
            return new Loaded(
                    config,
                    path(settings, "workHome", "/usr/local/dragonfly"),
                    path(settings, "logDir", "/var/log/dragonfly"),
                    settings.flag("console", false),
                    settings.flag("verbose", false),
                    warnings);
        } catch (IllegalArgumentException e) {
            throw settings.illegal(e);
        }
    }

    private static PeerConfig bind(Settings settings) {
        var builder = PeerConfig.builder(scheduler(settings))
                .host(new HostConfig(
                        settings.text("host.hostname"),
                        settings.ip("host.advertiseIP"),
                        settings.text("host.location", ""),
                        settings.text("host.idc", "")))
                .download(download(settings))
                .downloadSocket(path(settings, "download.downloadGRPC.unixListen.socket", "/var/run/dfdaemon.sock"))
                .peerGrpc(listen(settings, "download.peerGRPC", 65000))
                .upload(new PeerConfig.Upload(
                        listen(settings, "upload", 65002),
                        settings.bytes("upload.rateLimit", PeerConfig.Upload.DEFAULT.rateLimit())))
                .storage(storage(settings))
                .health(new PeerConfig.Health(
                        listen(settings, "health", 40901),
                        settings.text("health.path", PeerConfig.Health.DEFAULT.path())))
                .announceInterval(settings.duration("announcer.schedulerInterval", Duration.ofSeconds(30)))
                .keepStorage(settings.flag("keepStorage", false))
                .aliveTime(settings.duration("aliveTime", Duration.ofMinutes(5)))
                .cacheDir(path(settings, "cacheDir", "/var/cache/dragonfly"));
        if (settings.text("metrics").isPresent()) {
            var metrics = settings.listen("metrics", new NetAddress("0.0.0.0", 8000));
            builder.metrics(PeerConfig.Listen.on(metrics.port()).at(metrics.host()));
        }
        return builder.build();
    }

    private static SchedulerConfig scheduler(Settings settings) {
        String seed = "scheduler.manager.seedPeer.";
        String typeName = settings.text(seed + "type", HostType.SUPER.wireName());
        HostType type = HostType.byWireName(typeName)
                .orElseThrow(() -> new IllegalArgumentException(
                        seed + "type: " + typeName + " (expected: super, strong or weak)"));
        boolean managed = settings.flag("scheduler.manager.enable", false);
        var seedPeer = new SchedulerConfig.SeedPeer(
                managed && settings.flag(seed + "enable", false),
                type,
                settings.number(seed + "clusterID", 1),
                settings.duration(seed + "keepAlive.interval", SchedulerConfig.SeedPeer.DEFAULT_KEEP_ALIVE_INTERVAL));
        var manager = new SchedulerConfig.Manager(
                managed,
                settings.addresses("scheduler.manager.netAddrs"),
                settings.duration(
                        "scheduler.manager.refreshInterval", SchedulerConfig.Manager.DEFAULT_REFRESH_INTERVAL),
                seedPeer);
        return new SchedulerConfig(
                manager,
                settings.addresses("scheduler.netAddrs"),
                settings.duration("scheduler.scheduleTimeout", SchedulerConfig.DEFAULT_SCHEDULE_TIMEOUT),
                settings.flag("scheduler.disableAutoBackSource", false));
    }

    private static DownloadConfig download(Settings settings) {
        DownloadConfig by = DownloadConfig.DEFAULT;
        return new DownloadConfig(
                settings.bytes("download.totalRateLimit", by.totalRateLimit()),
                settings.bytes("download.perPeerRateLimit", by.perPeerRateLimit()),
                settings.duration("download.pieceDownloadTimeout", by.pieceDownloadTimeout()),
                settings.duration("download.grpcDialTimeout", by.grpcDialTimeout()),
                settings.duration("download.watchdogTimeout", by.watchdogTimeout()),
                settings.flag("download.calculateDigest", by.calculateDigest()),
                settings.flag("download.prefetch", by.prefetch()),
                concurrent(settings));
    }

    private static Optional<DownloadConfig.Concurrent> concurrent(Settings settings) {
        String concurrent = "download.concurrent";
        if (!settings.has(concurrent)) {
            return Optional.empty();
        }
        return Optional.of(new DownloadConfig.Concurrent(
                settings.bytes(concurrent + ".thresholdSize", 0),
                settings.bytes(concurrent + ".thresholdSpeed", 0),
                settings.integer(concurrent + ".goroutineCount", 0),
                Duration.ofMillis((long) (settings.decimal(concurrent + ".initBackoff", 0) * 1000)),
                Duration.ofMillis((long) (settings.decimal(concurrent + ".maxBackoff", 0) * 1000)),
                settings.integer(concurrent + ".maxAttempts", 0)));
    }

    private static StorageConfig storage(Settings settings) {
        StorageConfig by = StorageConfig.in(path(settings, "dataDir", "/var/lib/dragonfly"));
        return new StorageConfig(
                by.dataDir(),
                settings.duration("storage.taskExpireTime", by.taskExpireTime()),
                settings.duration("gcInterval", by.gcInterval()),
                settings.bytes("storage.diskGCThreshold", by.diskGcThreshold()),
                settings.decimal("storage.diskGCThresholdPercent", by.diskGcThresholdPercent()),
                settings.flag("storage.multiplex", by.multiplex()));
    }

    private static PeerConfig.Listen listen(Settings settings, String section, int port) {
        String key = section + ".tcpListen.port";
        int[] ports = settings.ports(key, port, 65535);
        return new PeerConfig.Listen(settings.ip(section + ".tcpListen.listen").orElse("0.0.0.0"), ports[0], ports[1]);
    }

    private static Path path(Settings settings, String key, String otherwise) {
        return Path.of(settings.text(key).orElse(otherwise));
    }
}
