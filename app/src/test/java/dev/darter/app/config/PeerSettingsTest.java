package dev.darter.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeerSettingsTest {
    private static final String STATIC = """
            scheduler: {netAddrs: ["sched:8002"]}
            """;

    /** A seed peer's file in the shape that upstream's generator gives it. */
    private static final String SEED = """
            aliveTime: 0s
            gcInterval: 1m0s
            keepStorage: true
            workHome: ''
            logDir: ''
            cacheDir: ''
            pluginDir: ''
            dataDir: ''
            console: false
            health:
              path: /server/ping
              tcpListen: {port: 40902}
            verbose: true
            pprof-port: -1
            metrics: ':8001'
            jaeger: ''
            scheduler:
              manager:
                enable: true
                netAddrs:
                  - type: tcp
                    addr: 10.0.0.1:65003
                    refreshInterval: 10s
                seedPeer: {enable: true, type: super, clusterID: 1, keepAlive: {internal: 5s}}
              scheduleTimeout: 30s
              disableAutoBackSource: false
            host: {idc: '', location: '', advertiseIP: 10.0.0.2}
            download:
              calculateDigest: true
              totalRateLimit: 2048Mi
              perPeerRateLimit: 1024Mi
              downloadGRPC:
                security: {insecure: true}
                unixListen: {socket: ''}
              peerGRPC:
                security: {insecure: true}
                tcpListen: {port: 65006}
              concurrent: {thresholdSize: 10M, thresholdSpeed: 2M, goroutineCount: 4, initBackoff: 0.5, maxBackoff: 3, maxAttempts: 3}
            upload:
              rateLimit: 2048Mi
              security: {insecure: true, cacert: '', cert: '', key: '', tlsConfig: null}
              tcpListen: {port: 65008}
            objectStorage:
              enable: false
              filter: Expires&Signature&ns
              maxReplicas: 3
              security: {insecure: true, tlsVerify: true}
              tcpListen: {port: 65004}
            storage:
              taskExpireTime: 6h
              strategy: io.d7y.storage.v2.simple
              diskGCThreshold: 50Gi
              diskGCThresholdPercent: 80
              multiplex: true
            proxy:
              defaultFilter: Expires&Signature&ns
              defaultTag:
              tcpListen: {port: 65007}
              security: {insecure: true}
              registryMirror: {url: 'https://index.docker.io', insecure: true, certs: [], direct: false}
              proxies: [{regx: 'blobs/sha256.*'}]
            security: {autoIssueCert: false, caCert: '', tlsVerify: false, tlsPolicy: prefer, certSpec: {validityPeriod: 4320h}}
            network: {enableIPv6: false}
            announcer: {schedulerInterval: 30s}
            """;

    private static final String IGNORED = """
            workHomeMode: 0755
            cacheDirMode: 0755
            dataDirMode: 0755
            pluginDir: /p
            pprof-port: -1
            jaeger: j
            service-name: s
            reload: {interval: 1m}
            network: {enableIPv6: false}
            networkTopology: {enable: false, probe: {interval: 20m}}
            security: {autoIssueCert: false, caCert: c, tlsVerify: false, tlsPolicy: default, certSpec: {dnsNames: [], ipAddresses: [], validityPeriod: 1h}}
            download:
              trafficShaperType: plain
              getPiecesMaxRetry: 100
              splitRunningTasks: false
              syncPieceViaHTTPS: false
              transportOption: {dialTimeout: 2s, keepAlive: 30s, maxIdleConns: 1, idleConnTimeout: 9s, responseHeaderTimeout: 2s, tlsHandshakeTimeout: 1s, expectContinueTimeout: 2s}
              resourceClients: {oss: {endpoint: e}}
              recursiveConcurrent: {goroutineCount: 32}
              cacheRecursiveMetadata: 1m
              downloadGRPC: {security: {insecure: true, cert: c, key: k, caCert: a, tlsVerify: false, tlsConfig: {a: b}}}
              peerGRPC: {security: {insecure: true, tlsVerify: true}, tcpListen: {namespace: /n}}
            upload: {security: {insecure: true}, tcpListen: {namespace: /n}}
            health: {security: {insecure: true}, tcpListen: {namespace: /n, path: /x}}
            objectStorage: {enable: false, filter: f, maxReplicas: 3, security: {insecure: true}, tcpListen: {port: 65004}}
            storage: {strategy: io.d7y.storage.v2.simple, dataPath: /d}
            proxy:
              tcpListen: {port: 65001, namespace: /n}
              security: {insecure: true}
              defaultFilter: f
              defaultTag: t
              defaultApplication: a
              defaultPriority: 0
              maxConcurrency: 0
              basicAuth: {username: u, password: p}
              registryMirror: {url: u, dynamic: true, insecure: false, direct: false, useProxies: true, certs: []}
              proxies: [{regx: r, useHTTPS: false, direct: false, redirect: x}]
              whiteList: [{host: h, regx: r, ports: [1]}]
              hijackHTTPS: {cert: c, key: k, hosts: [{regx: r, insecure: true, certs: []}], sni: [{listen: l, port: 1}]}
              dumpHTTPContent: false
              extraRegistryMirrors: [{url: u}]
            """;

    @Test
    void withoutAnythingSetTheValuesAreUpstreams() {
        var loaded = load(STATIC);

        assertThat(loaded.config())
                .isEqualTo(PeerConfig.builder(SchedulerConfig.at(List.of(new NetAddress("sched", 8002))))
                        .build());
        assertThat(loaded.workHome()).hasToString("/usr/local/dragonfly");
        assertThat(loaded.logDir()).hasToString("/var/log/dragonfly");
        assertThat(loaded.console()).isFalse();
        assertThat(loaded.verbose()).isFalse();
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void everyPropertyIsSet() {
        var loaded = load("""
                aliveTime: 1h
                gcInterval: 2m
                keepStorage: true
                metrics: ":7000"
                workHome: /a/home
                cacheDir: /a/cache
                logDir: /a/log
                dataDir: /a/data
                console: true
                verbose: true
                scheduler:
                  manager:
                    enable: true
                    netAddrs: [{type: tcp, addr: "m1:65003"}, "m2:65003"]
                    refreshInterval: 11m
                    seedPeer: {enable: true, type: strong, clusterID: 6, keepAlive: {interval: 7s}}
                  netAddrs: ["s:8002"]
                  scheduleTimeout: 31s
                  disableAutoBackSource: true
                host: {idc: i, location: "a|b", hostname: me, advertiseIP: 10.3.2.1}
                download:
                  totalRateLimit: 100Mi
                  perPeerRateLimit: 50Mi
                  pieceDownloadTimeout: 21s
                  grpcDialTimeout: 22s
                  watchdogTimeout: 23s
                  calculateDigest: false
                  prefetch: true
                  concurrent: {thresholdSize: 10M, thresholdSpeed: 2M, goroutineCount: 4, initBackoff: 0.25, maxBackoff: 5, maxAttempts: 6}
                  downloadGRPC: {unixListen: {socket: /a/d.sock}}
                  peerGRPC: {tcpListen: {listen: 127.0.0.1, port: 7100}}
                upload: {rateLimit: 200Mi, tcpListen: {listen: 127.0.0.2, port: {start: 7200, end: 7209}}}
                storage: {taskExpireTime: 3h, diskGCThreshold: 5Gi, diskGCThresholdPercent: 77.5, multiplex: true}
                health: {path: /alive, tcpListen: {listen: 127.0.0.3, port: 7300}}
                announcer: {schedulerInterval: 13s}
                """);

        var seed = new SchedulerConfig.SeedPeer(true, HostType.STRONG, 6, Duration.ofSeconds(7));
        var manager = new SchedulerConfig.Manager(
                true, List.of(new NetAddress("m1", 65003), new NetAddress("m2", 65003)), Duration.ofMinutes(11), seed);
        var scheduler = new SchedulerConfig(manager, List.of(new NetAddress("s", 8002)), Duration.ofSeconds(31), true);
        assertThat(loaded.config())
                .isEqualTo(PeerConfig.builder(scheduler)
                        .host(new HostConfig(Optional.of("me"), Optional.of("10.3.2.1"), "a|b", "i"))
                        .download(new DownloadConfig(
                                100 << 20,
                                50 << 20,
                                Duration.ofSeconds(21),
                                Duration.ofSeconds(22),
                                Duration.ofSeconds(23),
                                false,
                                true,
                                Optional.of(new DownloadConfig.Concurrent(
                                        10 << 20, 2 << 20, 4, Duration.ofMillis(250), Duration.ofSeconds(5), 6))))
                        .downloadSocket(Path.of("/a/d.sock"))
                        .peerGrpc(PeerConfig.Listen.on(7100).at("127.0.0.1"))
                        .upload(new PeerConfig.Upload(new PeerConfig.Listen("127.0.0.2", 7200, 7209), 200 << 20))
                        .storage(new StorageConfig(
                                Path.of("/a/data"), Duration.ofHours(3), Duration.ofMinutes(2), 5L << 30, 77.5, true))
                        .health(new PeerConfig.Health(PeerConfig.Listen.on(7300).at("127.0.0.3"), "/alive"))
                        .metrics(PeerConfig.Listen.on(7000))
                        .announceInterval(Duration.ofSeconds(13))
                        .keepStorage(true)
                        .aliveTime(Duration.ofHours(1))
                        .cacheDir(Path.of("/a/cache"))
                        .build());
        assertThat(loaded.workHome()).hasToString("/a/home");
        assertThat(loaded.logDir()).hasToString("/a/log");
        assertThat(loaded.console()).isTrue();
        assertThat(loaded.verbose()).isTrue();
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void aSeedPeersFileOfTheFieldWorksAsItIs() {
        var loaded = PeerSettings.load(Settings.parse("dfget.yaml", SEED), true);

        PeerConfig config = loaded.config();
        assertThat(config.scheduler().manager().seedPeer().enable()).isTrue();
        assertThat(config.scheduler().manager().netAddrs()).containsExactly(new NetAddress("10.0.0.1", 65003));
        assertThat(config.scheduler().manager().refreshInterval()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.peerGrpc()).isEqualTo(PeerConfig.Listen.on(65006));
        assertThat(config.upload().rateLimit()).isEqualTo(2L << 30);
        assertThat(config.aliveTime()).isZero();
        assertThat(config.downloadSocket()).hasToString("/var/run/dfdaemon.sock");
        assertThat(config.cacheDir()).hasToString("/var/cache/dragonfly");
        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .contains("scheduler.manager.seedPeer.keepAlive.internal (upstream ignores it");
    }

    @Test
    void seedPeerAtTheWrongLevelMakesNoSeed() {
        var loaded = load("""
                scheduler:
                  netAddrs: ["s:1"]
                  seedPeer: {enable: true, type: super, clusterID: 1}
                """);

        assertThat(loaded.config().scheduler().manager().seedPeer().enable()).isFalse();
        assertThat(loaded.warnings()).singleElement().asString().contains("scheduler.seedPeer.enable");
    }

    @Test
    void allOtherKeysOfUpstreamAreNamedInOneWarning() {
        var loaded = PeerSettings.load(Settings.parse("dfget.yaml", STATIC + IGNORED), true);

        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .startsWith("dfget.yaml: keys that do nothing here: ")
                .contains("proxy.proxies", "download.transportOption.dialTimeout", "health.tcpListen.path")
                .contains("security.certSpec.validityPeriod", "reload.interval", "storage.dataPath")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "download: {totalRateLimit: lots}; download.totalRateLimit: lots (expected: bytes such as 1024, 64Ki, 20Mi or 1.5Gi)",
                "upload: {tcpListen: {port: 70000}}; upload.tcpListen.port: 70000 (expected: a port, 0..65535)",
                "upload: {tcpListen: {listen: eth0}}; upload.tcpListen.listen: eth0 (expected: an IP address)",
                "host: {advertiseIP: me}; host.advertiseIP: me (expected: an IP address)",
                "host: {hostname: a_b}; host.hostname: a_b (expected: labels of letters, digits and hyphens joined by dots, at most 253 characters)",
                "announcer: {schedulerInterval: 0s}; announcer.schedulerInterval: 0s (expected: more than 0)",
                "gcInterval: 0s; gcInterval: 0s (expected: more than 0)",
                "health: {path: ping}; health.path: ping (expected: a path that starts with /)",
                "storage: {diskGCThresholdPercent: 101}; storage.diskGCThresholdPercent: 101 (expected: 0 to 100)",
                "metrics: 8000; metrics: 8000 (expected: host:port or :port)"
            })
    void aWrongValueIsRefused(String line, String complaint) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load(STATIC + line + "\n"))
                .withMessage("dfget.yaml:2: " + complaint);
    }

    @Test
    void withoutAnySchedulerThereIsNothingToStart() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load("verbose: true"))
                .withMessage(
                        "dfget.yaml: scheduler.netAddrs: none (expected: at least one address, or scheduler.manager.enable: true)");
    }

    private static PeerSettings.Loaded load(String text) {
        return PeerSettings.load(Settings.parse("dfget.yaml", text), false);
    }
}
