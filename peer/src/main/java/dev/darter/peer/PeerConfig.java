package dev.darter.peer;

import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.task.DownloadConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything a daemon is told at its start. Messages of failed checks name the property as {@code dfget.yaml} spells it.
 *
 * @param downloadSocket where tools on this host ask; {@code download.downloadGRPC.unixListen.socket}
 * @param peerGrpc where other hosts ask; {@code download.peerGRPC.tcpListen}
 * @param announceInterval between two reports of this host to its schedulers; {@code announcer.schedulerInterval}
 * @param keepStorage whether content and the place among the schedulers' hosts survive a stop
 * @param aliveTime without any request, before the daemon may end; zero for never
 * @param metrics where {@code GET /metrics} is answered; empty for nowhere
 * @param cacheDir what is remembered of schedulers
 */
public record PeerConfig(
        HostConfig host,
        SchedulerConfig scheduler,
        DownloadConfig download,
        Path downloadSocket,
        Listen peerGrpc,
        Upload upload,
        StorageConfig storage,
        Health health,
        Optional<Listen> metrics,
        Duration announceInterval,
        boolean keepStorage,
        Duration aliveTime,
        Path cacheDir) {
    private static final int LAST_PORT = 65535;

    /**
     * A TCP listener.
     *
     * @param address an IP literal
     * @param firstPort 0 for any free port
     * @param lastPort the next port is tried while one is in use, up to this one
     */
    public record Listen(String address, int firstPort, int lastPort) {
        public Listen {
            if (firstPort < 0 || firstPort > LAST_PORT) {
                throw new IllegalArgumentException("tcpListen.port: " + firstPort + " (expected: 0..65535)");
            }
            if (lastPort < firstPort || lastPort > LAST_PORT) {
                throw new IllegalArgumentException("tcpListen.port: " + firstPort + ".." + lastPort
                        + " (expected: an end from the start on, up to 65535)");
            }
        }

        /** Exactly this port on every address. */
        public static Listen on(int port) {
            return new Listen("0.0.0.0", port, port);
        }

        /** This port on every address, or the first free one after it: what a daemon does that was told no port. */
        public static Listen from(int port) {
            return new Listen("0.0.0.0", port, LAST_PORT);
        }

        public Listen at(String newAddress) {
            return new Listen(newAddress, firstPort, lastPort);
        }
    }

    /** @param rateLimit bytes a second to all children together */
    public record Upload(Listen listen, long rateLimit) {
        public static final Upload DEFAULT = new Upload(Listen.from(65002), 1L << 30);

        public Upload {
            if (rateLimit < DownloadConfig.LOWEST_RATE) {
                throw new IllegalArgumentException(
                        "upload.rateLimit: " + rateLimit + " (expected: at least " + DownloadConfig.LOWEST_RATE + ")");
            }
        }
    }

    /** @param path answered with {@code "OK"} while the process lives */
    public record Health(Listen listen, String path) {
        public static final Health DEFAULT = new Health(Listen.from(40901), "/server/ping");

        public Health {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("health.path: " + path + " (expected: a path that starts with /)");
            }
        }
    }

    public PeerConfig {
        if (!announceInterval.isPositive()) {
            throw new IllegalArgumentException(
                    "announcer.schedulerInterval: " + announceInterval + " (expected: more than 0)");
        }
        if (aliveTime.isNegative()) {
            throw new IllegalArgumentException("aliveTime: " + aliveTime + " (expected: 0 or more)");
        }
        // Upstream's rule: a daemon that ends itself must not wait longer for its scheduler than it lives.
        if (aliveTime.isPositive() && scheduler.scheduleTimeout().compareTo(aliveTime) > 0) {
            Duration shorter = aliveTime.minusSeconds(1);
            scheduler = scheduler.withScheduleTimeout(shorter.isPositive() ? shorter : aliveTime);
        }
    }

    /** A configuration with upstream's defaults, to be changed where it differs. */
    public static Builder builder(SchedulerConfig scheduler) {
        return new Builder(scheduler);
    }

    /** Collects what differs from the defaults. Used by one thread. */
    public static final class Builder {
        private final SchedulerConfig scheduler;
        private HostConfig host = HostConfig.DEFAULT;
        private DownloadConfig download = DownloadConfig.DEFAULT;
        private Path downloadSocket = Path.of("/var/run/dfdaemon.sock");
        private Listen peerGrpc = Listen.from(65000);
        private Upload upload = Upload.DEFAULT;
        private StorageConfig storage = StorageConfig.in(Path.of("/var/lib/dragonfly"));
        private Health health = Health.DEFAULT;
        private Optional<Listen> metrics = Optional.empty();
        private Duration announceInterval = Duration.ofSeconds(30);
        private boolean keepStorage;
        private Duration aliveTime = Duration.ofMinutes(5);
        private Path cacheDir = Path.of("/var/cache/dragonfly");

        private Builder(SchedulerConfig scheduler) {
            this.scheduler = scheduler;
        }

        public Builder host(HostConfig value) {
            host = value;
            return this;
        }

        public Builder download(DownloadConfig value) {
            download = value;
            return this;
        }

        public Builder downloadSocket(Path value) {
            downloadSocket = value;
            return this;
        }

        public Builder peerGrpc(Listen value) {
            peerGrpc = value;
            return this;
        }

        public Builder upload(Upload value) {
            upload = value;
            return this;
        }

        public Builder storage(StorageConfig value) {
            storage = value;
            return this;
        }

        public Builder health(Health value) {
            health = value;
            return this;
        }

        public Builder metrics(Listen value) {
            metrics = Optional.of(value);
            return this;
        }

        public Builder announceInterval(Duration value) {
            announceInterval = value;
            return this;
        }

        public Builder keepStorage(boolean value) {
            keepStorage = value;
            return this;
        }

        public Builder aliveTime(Duration value) {
            aliveTime = value;
            return this;
        }

        public Builder cacheDir(Path value) {
            cacheDir = value;
            return this;
        }

        public PeerConfig build() {
            return new PeerConfig(
                    host,
                    scheduler,
                    download,
                    downloadSocket,
                    peerGrpc,
                    upload,
                    storage,
                    health,
                    metrics,
                    announceInterval,
                    keepStorage,
                    aliveTime,
                    cacheDir);
        }
    }
}
