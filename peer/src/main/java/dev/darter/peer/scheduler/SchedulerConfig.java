package dev.darter.peer.scheduler;

import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import java.time.Duration;
import java.util.List;

/**
 * How a daemon finds its schedulers and how long it waits for them; {@code scheduler} in {@code dfget.yaml}.
 *
 * @param netAddrs used when the manager is not enabled
 * @param scheduleTimeout longest wait for a registration, and for the first answer after it
 * @param disableAutoBackSource whether only the scheduler may send a download to its origin
 */
public record SchedulerConfig(
        Manager manager, List<NetAddress> netAddrs, Duration scheduleTimeout, boolean disableAutoBackSource) {
    public static final Duration DEFAULT_SCHEDULE_TIMEOUT = Duration.ofMinutes(5);

    /**
     * The manager that lists the schedulers.
     *
     * @param netAddrs tried in order until one answers
     * @param refreshInterval how long a list of schedulers is good
     */
    public record Manager(boolean enable, List<NetAddress> netAddrs, Duration refreshInterval, SeedPeer seedPeer) {
        public static final Duration DEFAULT_REFRESH_INTERVAL = Duration.ofMinutes(10);
        public static final Manager DISABLED =
                new Manager(false, List.of(), DEFAULT_REFRESH_INTERVAL, SeedPeer.DISABLED);

        public Manager {
            netAddrs = List.copyOf(netAddrs);
            if (enable && netAddrs.isEmpty()) {
                throw new IllegalArgumentException(
                        "scheduler.manager.netAddrs: none (expected: at least one address when the manager is enabled)");
            }
            if (enable && !refreshInterval.isPositive()) {
                throw new IllegalArgumentException(
                        "scheduler.manager.refreshInterval: " + refreshInterval + " (expected: more than 0)");
            }
            if (seedPeer.enable() && !enable) {
                throw new IllegalArgumentException("scheduler.manager.seedPeer.enable: true"
                        + " (expected: false, or scheduler.manager.enable: true)");
            }
        }

        /** The schedulers come from these managers; this host is a plain peer. */
        public static Manager at(List<NetAddress> netAddrs) {
            return new Manager(true, netAddrs, DEFAULT_REFRESH_INTERVAL, SeedPeer.DISABLED);
        }
    }

    /**
     * Whether this daemon is a seed peer.
     *
     * @param type what the manager is told; schedulers are told SUPER whatever it says
     * @param clusterId database key of the seed peer cluster
     */
    public record SeedPeer(boolean enable, HostType type, long clusterId, Duration keepAliveInterval) {
        public static final Duration DEFAULT_KEEP_ALIVE_INTERVAL = Duration.ofSeconds(5);
        public static final SeedPeer DISABLED = new SeedPeer(false, HostType.SUPER, 1, DEFAULT_KEEP_ALIVE_INTERVAL);

        public SeedPeer {
            if (!type.isSeed()) {
                throw new IllegalArgumentException(
                        "scheduler.manager.seedPeer.type: " + type.wireName() + " (expected: super, strong or weak)");
            }
            if (clusterId < 0) {
                throw new IllegalArgumentException(
                        "scheduler.manager.seedPeer.clusterID: " + clusterId + " (expected: 0 or more)");
            }
            if (!keepAliveInterval.isPositive()) {
                throw new IllegalArgumentException("scheduler.manager.seedPeer.keepAlive.interval: " + keepAliveInterval
                        + " (expected: more than 0)");
            }
        }

        public static SeedPeer ofCluster(long clusterId) {
            return new SeedPeer(true, HostType.SUPER, clusterId, DEFAULT_KEEP_ALIVE_INTERVAL);
        }
    }

    public SchedulerConfig {
        netAddrs = List.copyOf(netAddrs);
        if (!manager.enable() && netAddrs.isEmpty()) {
            throw new IllegalArgumentException(
                    "scheduler.netAddrs: none (expected: at least one address, or scheduler.manager.enable: true)");
        }
        if (!scheduleTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "scheduler.scheduleTimeout: " + scheduleTimeout + " (expected: more than 0)");
        }
    }

    /** Static schedulers, everything else as by default. */
    public static SchedulerConfig at(List<NetAddress> netAddrs) {
        return new SchedulerConfig(Manager.DISABLED, netAddrs, DEFAULT_SCHEDULE_TIMEOUT, false);
    }

    /** Schedulers from a manager, everything else as by default. */
    public static SchedulerConfig from(Manager manager) {
        return new SchedulerConfig(manager, List.of(), DEFAULT_SCHEDULE_TIMEOUT, false);
    }

    public SchedulerConfig withScheduleTimeout(Duration timeout) {
        return new SchedulerConfig(manager, netAddrs, timeout, disableAutoBackSource);
    }

    public boolean isSeedPeer() {
        return manager.seedPeer().enable();
    }
}
