package dev.darter.scheduler;

import dev.darter.core.NetAddress;
import dev.darter.core.SeedShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything a scheduler is told at its start. Messages of failed checks name the property as {@code scheduler.yaml} spells it.
 *
 * @param idc label of the data centre, told to the manager; may be empty
 * @param location elements joined by {@code |}, told to the manager; may be empty
 * @param manager empty for a scheduler that stands alone: it knows no seed peers
 * @param refreshInterval how old what the manager said may be; {@code dynConfig.refreshInterval}
 * @param metrics where {@code GET /metrics} is answered; empty for nowhere
 * @param hostMetrics whether bytes are counted by host, too: a series a host; {@code metrics.enableHost}
 */
public record SchedulerConfig(
        Server server,
        Policy policy,
        Expiry expiry,
        SeedPeer seedPeer,
        String idc,
        String location,
        Optional<Manager> manager,
        Duration refreshInterval,
        Path cacheDir,
        Path dataDir,
        Optional<NetAddress> metrics,
        boolean hostMetrics) {

    /**
     * @param advertiseIp told to the manager and through it to daemons
     * @param hostname identity towards the manager; {@code server.host}
     */
    public record Server(String listenIp, int port, String advertiseIp, int advertisePort, String hostname) {
        public Server {
            require(!hostname.isBlank(), "server.host", hostname, "a host name");
            requirePort("server.port", port);
            requirePort("server.advertisePort", advertisePort);
        }
    }

    /**
     * @param backToSourceCount peers of one task that may read the origin at once
     * @param retryBackToSourceLimit unsuccessful searches for parents after which the source is offered
     * @param retryLimit unsuccessful searches after which a peer is sent away
     * @param retryInterval between two searches
     * @param originBudget share of a task's content that peers may read from the origin while somebody brings it in too slowly; with 0 they
     *     never read it in parts, also where nobody does; {@code darter.originBudget}
     * @param seedingsPerSeed while each seed peer fetches so many tasks, the first peer of another reads the origin itself; with 0 none does;
     *     {@code darter.seedingsPerSeed}
     * @param seedsPerTask seed peers that read one task together, where so many have nothing else to do; {@code darter.seedsPerTask}
     */
    public record Policy(
            int backToSourceCount,
            int retryBackToSourceLimit,
            int retryLimit,
            Duration retryInterval,
            double originBudget,
            int seedingsPerSeed,
            int seedsPerTask) {
        public static final Policy DEFAULT = new Policy(3, 5, 10, Duration.ofMillis(200), 0.02, 4, 2);

        public Policy {
            require(backToSourceCount != 0, "scheduler.backToSourceCount", backToSourceCount, "not 0");
            require(retryBackToSourceLimit != 0, "scheduler.retryBackToSourceLimit", retryBackToSourceLimit, "not 0");
            require(retryLimit > 0, "scheduler.retryLimit", retryLimit, "more than 0");
            require(retryInterval.isPositive(), "scheduler.retryInterval", retryInterval, "more than 0");
            require(originBudget >= 0 && originBudget <= 1, "darter.originBudget", originBudget, "0 to 1");
            require(seedingsPerSeed >= 0, "darter.seedingsPerSeed", seedingsPerSeed, "0 or more");
            require(
                    seedsPerTask >= 1 && seedsPerTask <= SeedShare.MOST_SEEDS,
                    "darter.seedsPerTask",
                    seedsPerTask,
                    "1 to " + SeedShare.MOST_SEEDS);
        }
    }

    /**
     * @param pieceDownloadTimeout a running peer that got no piece for so long is given up
     * @param peerTtl a peer that nobody touched for so long is forgotten
     * @param hostTtl a host that did not announce itself for so long is forgotten with its peers
     */
    public record Expiry(
            Duration pieceDownloadTimeout,
            Duration peerGcInterval,
            Duration peerTtl,
            Duration taskGcInterval,
            Duration hostGcInterval,
            Duration hostTtl) {
        public static final Expiry DEFAULT = new Expiry(
                Duration.ofMinutes(30),
                Duration.ofSeconds(10),
                Duration.ofHours(24),
                Duration.ofMinutes(30),
                Duration.ofHours(6),
                Duration.ofHours(1));

        public Expiry {
            requirePositive("scheduler.gc.pieceDownloadTimeout", pieceDownloadTimeout);
            requirePositive("scheduler.gc.peerGCInterval", peerGcInterval);
            requirePositive("scheduler.gc.peerTTL", peerTtl);
            requirePositive("scheduler.gc.taskGCInterval", taskGcInterval);
            requirePositive("scheduler.gc.hostGCInterval", hostGcInterval);
            requirePositive("scheduler.gc.hostTTL", hostTtl);
        }
    }

    /** @param taskDownloadTimeout longest time that a seed peer may take for one task */
    public record SeedPeer(boolean enable, Duration taskDownloadTimeout) {
        public static final SeedPeer DEFAULT = new SeedPeer(true, Duration.ofHours(10));

        public SeedPeer {
            requirePositive("seedPeer.taskDownloadTimeout", taskDownloadTimeout);
        }
    }

    /** @param clusterId {@code manager.schedulerClusterID} */
    public record Manager(List<NetAddress> addresses, long clusterId, Duration keepAliveInterval) {
        public static final long DEFAULT_CLUSTER = 1;
        public static final Duration DEFAULT_KEEP_ALIVE = Duration.ofSeconds(5);

        public Manager {
            addresses = List.copyOf(addresses);
            require(!addresses.isEmpty(), "manager.addr", "none", "host:port");
            require(clusterId > 0, "manager.schedulerClusterID", clusterId, "more than 0");
            requirePositive("manager.keepAlive.interval", keepAliveInterval);
        }
    }

    public SchedulerConfig {
        requirePositive("dynConfig.refreshInterval", refreshInterval);
    }

    /** Upstream's defaults around what has none. */
    public static SchedulerConfig of(Server server, Optional<Manager> manager, Path cacheDir, Path dataDir) {
        return new SchedulerConfig(
                server,
                Policy.DEFAULT,
                Expiry.DEFAULT,
                SeedPeer.DEFAULT,
                "",
                "",
                manager,
                Duration.ofMinutes(1),
                cacheDir,
                dataDir,
                Optional.empty(),
                false);
    }

    public SchedulerConfig withRefreshInterval(Duration newInterval) {
        return new SchedulerConfig(
                server,
                policy,
                expiry,
                seedPeer,
                idc,
                location,
                manager,
                newInterval,
                cacheDir,
                dataDir,
                metrics,
                hostMetrics);
    }

    public SchedulerConfig withPolicy(Policy newPolicy) {
        return new SchedulerConfig(
                server,
                newPolicy,
                expiry,
                seedPeer,
                idc,
                location,
                manager,
                refreshInterval,
                cacheDir,
                dataDir,
                metrics,
                hostMetrics);
    }

    private static void requirePort(String key, int port) {
        require(port >= 0 && port <= 65535, key, port, "0..65535");
    }

    private static void requirePositive(String key, Duration value) {
        require(value.isPositive(), key, value, "more than 0");
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
