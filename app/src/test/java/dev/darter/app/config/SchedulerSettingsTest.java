package dev.darter.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.darter.core.NetAddress;
import dev.darter.scheduler.SchedulerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchedulerSettingsTest {
    private static final String PLACE = """
            server: {advertiseIP: 10.0.0.9, host: sched}
            """;

    /** Every key that upstream has and we do not act on, with a value. */
    private static final String IGNORED = """
            pprof-port: -1
            jaeger: ""
            service-name: s
            scheduler:
              algorithm: default
              maxScheduleCount: 30
              backSourceCount: 3
              retryBackSourceLimit: 5
            database:
              redis:
                addrs: [127.0.0.1:6379]
                host: h
                port: 6379
                masterName: m
                username: u
                password: p
                brokerDB: 1
                backendDB: 2
                networkTopologyDB: 3
            job:
              enable: true
              globalWorkerNum: 1
              schedulerWorkerNum: 1
              localWorkerNum: 5
              redis: {addrs: [a:1], host: h, port: 1, password: p, brokerDB: 1, backendDB: 2}
            resource: {task: {downloadTiny: {scheme: http, timeout: 1m, tls: {insecureSkipVerify: true}}}}
            storage: {maxSize: 1, maxBackups: 1, bufferSize: 1}
            security:
              autoIssueCert: false
              caCert: ""
              tlsVerify: true
              tlsPolicy: prefer
              certSpec: {dnsNames: [d], ipAddresses: [127.0.0.1], validityPeriod: 4320h}
            network: {enableIPv6: false}
            networkTopology:
              enable: true
              collectInterval: 2h
              probe: {queueLength: 5, count: 10}
              cache: {interval: 5m, ttl: 5m, tll: 5m}
            trainer: {enable: false, addr: "127.0.0.1:9090", interval: 168h, uploadTimeout: 1h}
            """;

    @Test
    void withoutAnythingSetTheValuesAreUpstreams() {
        var loaded = load(PLACE);

        assertThat(loaded.config())
                .isEqualTo(SchedulerConfig.of(
                        new SchedulerConfig.Server("0.0.0.0", 8002, "10.0.0.9", 8002, "sched"),
                        Optional.empty(),
                        Path.of("/var/cache/dragonfly"),
                        Path.of("/var/lib/dragonfly")));
        assertThat(loaded.workHome()).hasToString("/usr/local/dragonfly");
        assertThat(loaded.logDir()).hasToString("/var/log/dragonfly");
        assertThat(loaded.console()).isFalse();
        assertThat(loaded.verbose()).isFalse();
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void everyPropertyIsSet() {
        var loaded = load("""
                console: true
                verbose: true
                server:
                  advertiseIP: 10.1.2.3
                  advertisePort: 18002
                  listenIP: 127.0.0.1
                  port: 28002
                  host: scheduler-7
                  workHome: /a/home
                  cacheDir: /a/cache
                  logDir: /a/log
                  dataDir: /a/data
                scheduler:
                  backToSourceCount: 7
                  retryBackToSourceLimit: 8
                  retryLimit: 9
                  retryInterval: 50ms
                  gc:
                    pieceDownloadTimeout: 1m
                    peerGCInterval: 2m
                    peerTTL: 3m
                    taskGCInterval: 4m
                    hostGCInterval: 5m
                    hostTTL: 6m
                dynConfig: {refreshInterval: 10s}
                host: {idc: idc-1, location: "a|b"}
                manager:
                  addr: manager:65003
                  schedulerClusterID: 4
                  keepAlive: {interval: 7s}
                seedPeer: {enable: false, taskDownloadTimeout: 8h}
                metrics: {enable: true, addr: "127.0.0.1:8001", enableHost: true}
                darter: {originBudget: 0.25, seedingsPerSeed: 6, seedsPerTask: 3}
                """);

        assertThat(loaded.config())
                .isEqualTo(new SchedulerConfig(
                        new SchedulerConfig.Server("127.0.0.1", 28002, "10.1.2.3", 18002, "scheduler-7"),
                        new SchedulerConfig.Policy(7, 8, 9, Duration.ofMillis(50), 0.25, 6, 3),
                        new SchedulerConfig.Expiry(
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(2),
                                Duration.ofMinutes(3),
                                Duration.ofMinutes(4),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(6)),
                        new SchedulerConfig.SeedPeer(false, Duration.ofHours(8)),
                        "idc-1",
                        "a|b",
                        Optional.of(new SchedulerConfig.Manager(
                                List.of(new NetAddress("manager", 65003)), 4, Duration.ofSeconds(7))),
                        Duration.ofSeconds(10),
                        Path.of("/a/cache"),
                        Path.of("/a/data"),
                        Optional.of(new NetAddress("127.0.0.1", 8001)),
                        true));
        assertThat(loaded.workHome()).hasToString("/a/home");
        assertThat(loaded.logDir()).hasToString("/a/log");
        assertThat(loaded.console()).isTrue();
        assertThat(loaded.verbose()).isTrue();
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void allOtherKeysOfUpstreamAreNamedInOneWarning() {
        var loaded = load(PLACE + IGNORED);

        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .startsWith("scheduler.yaml: keys that do nothing here: ")
                .contains("scheduler.algorithm", "database.redis.addrs", "job.redis.port", "networkTopology.cache.tll")
                .contains("security.certSpec.dnsNames", "trainer.uploadTimeout", "jaeger")
                .contains("scheduler.backSourceCount")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "scheduler: {backToSourceCount: 0}; scheduler.backToSourceCount: 0 (expected: not 0)",
                "scheduler: {retryLimit: 0}; scheduler.retryLimit: 0 (expected: more than 0)",
                "scheduler: {retryInterval: 0s}; scheduler.retryInterval: 0s (expected: more than 0)",
                "scheduler: {gc: {peerTTL: -1h}}; scheduler.gc.peerTTL: -1h (expected: more than 0)",
                "manager: {addr: nowhere}; manager.addr: nowhere (expected: host:port)",
                "manager: {addr: m:1, schedulerClusterID: 0}; manager.schedulerClusterID: 0 (expected: more than 0)",
                "dynConfig: {refreshInterval: soon}; dynConfig.refreshInterval: soon (expected: a duration such as 30s, 5m or 1h30m)",
                "seedPeer: {enable: perhaps}; seedPeer.enable: perhaps (expected: true or false)"
            })
    void aWrongValueIsRefused(String line, String complaint) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load(PLACE + line + "\n"))
                .withMessage("scheduler.yaml:2: " + complaint);
    }

    @Test
    void underStrictAnUnknownKeyIsRefused() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> SchedulerSettings.load(
                        Settings.parse("scheduler.yaml", PLACE + "scheduler: {backToSourceCont: 1}"), true))
                .withMessage(
                        "scheduler.yaml:2: scheduler.backToSourceCont: nobody knows this key; did you mean scheduler.backToSourceCount?");
    }

    private static SchedulerSettings.Loaded load(String text) {
        return SchedulerSettings.load(Settings.parse("scheduler.yaml", text), false);
    }
}
