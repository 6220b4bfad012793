package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.HostType;
import dev.darter.core.NetAddress;
import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.task.DownloadConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PeerConfigTest {
    private static final SchedulerConfig SCHEDULER = SchedulerConfig.at(List.of(new NetAddress("scheduler", 8002)));

    @Test
    void hasUpstreamsDefaults() {
        var config = PeerConfig.builder(SCHEDULER).build();

        assertThat(config.peerGrpc()).isEqualTo(new PeerConfig.Listen("0.0.0.0", 65000, 65535));
        assertThat(config.upload().listen().firstPort()).isEqualTo(65002);
        assertThat(config.upload().rateLimit()).isEqualTo(1L << 30);
        assertThat(config.health()).isEqualTo(new PeerConfig.Health(PeerConfig.Listen.from(40901), "/server/ping"));
        assertThat(config.downloadSocket()).isEqualTo(Path.of("/var/run/dfdaemon.sock"));
        assertThat(config.metrics()).isEmpty();
        assertThat(config.announceInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.keepStorage()).isFalse();
        assertThat(config.aliveTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.scheduler().scheduleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.scheduler().disableAutoBackSource()).isFalse();
        assertThat(config.scheduler().isSeedPeer()).isFalse();
        assertThat(config.download().totalRateLimit()).isEqualTo(1L << 30);
        assertThat(config.download().perPeerRateLimit()).isEqualTo(512L << 20);
        assertThat(config.download().watchdogTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.storage().taskExpireTime()).isEqualTo(Duration.ofHours(6));
        assertThat(config.storage().multiplex()).isFalse();
    }

    @Test
    void takesEveryProperty() {
        var seedPeer = new SchedulerConfig.SeedPeer(true, HostType.STRONG, 2, Duration.ofSeconds(1));
        var manager = new SchedulerConfig.Manager(
                true, List.of(new NetAddress("manager", 65003)), Duration.ofSeconds(10), seedPeer);
        var scheduler = new SchedulerConfig(manager, List.of(), Duration.ofSeconds(30), true);
        var host = new HostConfig(Optional.of("node-1"), Optional.of("10.0.0.1"), "area|zone", "idc-1");
        var download = new DownloadConfig(
                2L << 30,
                0,
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ZERO,
                false,
                true,
                Optional.of(new DownloadConfig.Concurrent(10, 20, 0, Duration.ZERO, Duration.ZERO, 0)));
        var storage = new StorageConfig(Path.of("/data"), Duration.ZERO, Duration.ofSeconds(5), 1, 50, true);
        var upload = new PeerConfig.Upload(PeerConfig.Listen.on(65008), 1L << 20);
        var health = new PeerConfig.Health(PeerConfig.Listen.on(40902).at("127.0.0.1"), "/ping");

        var config = PeerConfig.builder(scheduler)
                .host(host)
                .download(download)
                .downloadSocket(Path.of("/run/d.sock"))
                .peerGrpc(PeerConfig.Listen.on(65006))
                .upload(upload)
                .storage(storage)
                .health(health)
                .metrics(PeerConfig.Listen.on(8000))
                .announceInterval(Duration.ofSeconds(7))
                .keepStorage(true)
                .aliveTime(Duration.ZERO)
                .cacheDir(Path.of("/cache"))
                .build();

        assertThat(config)
                .isEqualTo(new PeerConfig(
                        host,
                        scheduler,
                        download,
                        Path.of("/run/d.sock"),
                        PeerConfig.Listen.on(65006),
                        upload,
                        storage,
                        health,
                        Optional.of(PeerConfig.Listen.on(8000)),
                        Duration.ofSeconds(7),
                        true,
                        Duration.ZERO,
                        Path.of("/cache")));
        assertThat(download.concurrent())
                .contains(new DownloadConfig.Concurrent(10, 20, 4, Duration.ofMillis(500), Duration.ofSeconds(3), 3));
    }

    @Test
    void waitsForTheSchedulerNoLongerThanItLives() {
        var config =
                PeerConfig.builder(SCHEDULER).aliveTime(Duration.ofMinutes(1)).build();

        assertThat(config.scheduler().scheduleTimeout()).isEqualTo(Duration.ofSeconds(59));
    }

    @Test
    void namesThePropertyThatIsWrong() {
        assertWrong(
                "download.totalRateLimit: 1000",
                () -> new DownloadConfig(
                        1000,
                        0,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Duration.ZERO,
                        true,
                        false,
                        Optional.empty()));
        assertWrong("upload.rateLimit: 0", () -> new PeerConfig.Upload(PeerConfig.Listen.on(1), 0));
        assertWrong("scheduler.netAddrs", () -> SchedulerConfig.at(List.of()));
        assertWrong("scheduler.manager.netAddrs", () -> SchedulerConfig.Manager.at(List.of()));
        assertWrong(
                "scheduler.manager.seedPeer.type: normal",
                () -> new SchedulerConfig.SeedPeer(true, HostType.NORMAL, 1, Duration.ofSeconds(5)));
        assertWrong("gcInterval", () -> new StorageConfig(Path.of("d"), Duration.ZERO, Duration.ZERO, 0, 0, false));
        assertWrong("host.hostname: a_b", () -> new HostConfig(Optional.of("a_b"), Optional.empty(), "", ""));
        assertWrong(
                "host.advertiseIP: 1.2.3.256",
                () -> new HostConfig(Optional.empty(), Optional.of("1.2.3.256"), "", ""));
        assertWrong(
                "announcer.schedulerInterval",
                () -> PeerConfig.builder(SCHEDULER)
                        .announceInterval(Duration.ZERO)
                        .build());
    }

    private static void assertWrong(String property, Runnable construction) {
        assertThatThrownBy(construction::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(property)
                .hasMessageContaining("(expected: ");
    }
}
