package dev.darter.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.darter.manager.ManagerConfig;
import dev.darter.manager.database.DatabaseConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManagerSettingsTest {
    /** Every key that upstream has and we do not act on, with a value. */
    private static final String IGNORED = """
            server:
              name: d7y/manager
              cacheDir: /c
              pluginDir: /p
              grpc: {advertiseIP: 10.0.0.1, advertisePort: 65003}
              rest: {tls: {cert: c, key: k}}
            database:
              mysql: {tls: {cert: c, key: k, ca: a, insecureSkipVerify: true}}
              postgres:
                user: u
                password: p
                host: h
                port: 5432
                dbname: d
                sslMode: disable
                preferSimpleProtocol: false
                timezone: UTC
                migrate: true
              redis:
                host: h
                port: 1
                addrs: [r:6379]
                masterName: m
                username: u
                password: p
                db: 0
                brokerDB: 1
                backendDB: 2
              type: h2
            cache: {redis: {ttl: 30s}, local: {size: 10000, ttl: 10s}}
            job:
              preheat: {registryTimeout: 1m, tls: {caCert: c}}
              syncPeers: {interval: 24h, timeout: 10m}
            objectStorage:
              enable: false
              name: s3
              region: r
              endpoint: e
              accessKey: a
              secretKey: s
              s3ForcePathStyle: true
            security:
              autoIssueCert: false
              caCert: c
              caKey: k
              tlsPolicy: prefer
              certSpec: {dnsNames: [d], ipAddresses: [127.0.0.1], validityPeriod: 1h}
            metrics: {enable: true, addr: ":8000", enablePeerGauge: true}
            network: {enableIPv6: false}
            trainer: {enable: false, bucketName: models}
            pprof-port: -1
            jaeger: http://jaeger
            service-name: s
            """;

    @TempDir
    private Path home;

    @Test
    void withoutAnythingSetTheValuesAreUpstreamsOnAnEmbeddedDatabase() throws IOException {
        var loaded = load("server: {workHome: " + home + "}");

        ManagerConfig config = loaded.config();
        assertThat(config.grpc()).isEqualTo(new ManagerConfig.Grpc("0.0.0.0", 65003, 65003));
        assertThat(config.rest()).isEqualTo(new ManagerConfig.Rest("0.0.0.0", 8080));
        assertThat(config.jwt().realm()).isEqualTo("Dragonfly");
        assertThat(config.jwt().timeout()).isEqualTo(Duration.ofDays(2));
        assertThat(config.jwt().maxRefresh()).isEqualTo(Duration.ofDays(2));
        assertThat(config.database()).isEqualTo(new DatabaseConfig.Embedded(home.resolve("data/manager")));
        assertThat(config.clusterFailover()).isFalse();
        assertThat(config.metrics()).isEmpty();
        assertThat(loaded.logDir()).hasToString("/var/log/dragonfly");
        assertThat(loaded.console()).isFalse();
        assertThat(loaded.verbose()).isFalse();
        assertThat(loaded.warnings()).isEmpty();
        // Secrets that nobody gave are made once, for their owner only.
        assertThat(loaded.firstPasswordMade()).isTrue();
        assertThat(config.firstPassword()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(load("server: {workHome: " + home + "}").config()).isEqualTo(config);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("jwt-key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void everyPropertyIsSet() {
        var loaded = load("""
                console: true
                verbose: true
                server:
                  workHome: /a/home
                  logDir: /a/log
                  grpc:
                    listenIP: 127.0.0.1
                    port: {start: 7001, end: 7009}
                  rest: {addr: ":7080"}
                auth:
                  jwt: {realm: Mine, key: "ZHJhZ29uZmx5Cg==", timeout: 1h, maxRefresh: 2h}
                database:
                  type: mysql
                  mysql:
                    user: me
                    password: secret
                    host: db
                    port: 3307
                    dbname: mine
                    tlsConfig: preferred
                    migrate: false
                darter:
                  clusterFailover: true
                  firstPassword: open-sesame
                """);

        assertThat(loaded.config())
                .isEqualTo(new ManagerConfig(
                        new ManagerConfig.Grpc("127.0.0.1", 7001, 7009),
                        new ManagerConfig.Rest("0.0.0.0", 7080),
                        new ManagerConfig.Jwt("Mine", "ZHJhZ29uZmx5Cg==", Duration.ofHours(1), Duration.ofHours(2)),
                        new DatabaseConfig.MySql("db", 3307, "me", "secret", "mine", "preferred", false),
                        "open-sesame",
                        true,
                        Optional.empty()));
        assertThat(loaded.workHome()).hasToString("/a/home");
        assertThat(loaded.logDir()).hasToString("/a/log");
        assertThat(loaded.console()).isTrue();
        assertThat(loaded.verbose()).isTrue();
        assertThat(loaded.firstPasswordMade()).isFalse();
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.config().toString()).doesNotContain("secret", "open-sesame", "ZHJhZ29uZmx5Cg==");
    }

    @Test
    void upstreamsFirstPasswordAndOwnDatabaseFileAreAsked() {
        var loaded = load("""
                server: {workHome: %s}
                database: {type: h2, h2: {file: /a/db}}
                darter: {compatibility: {defaultRootPassword: true}}
                """.formatted(home));

        assertThat(loaded.config().firstPassword()).isEqualTo("dragonfly");
        assertThat(loaded.config().database()).isEqualTo(new DatabaseConfig.Embedded(Path.of("/a/db")));
    }

    @Test
    void allOtherKeysOfUpstreamAreNamedInOneWarning() {
        var loaded = load(IGNORED.replace("server:\n", "server:\n  workHome: " + home + "\n"));

        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .startsWith("manager.yaml: keys that do nothing here: ")
                .contains("database.redis.addrs", "cache.local.ttl", "job.syncPeers.interval", "server.rest.tls.cert")
                .contains("metrics.enablePeerGauge", "objectStorage.secretKey", "server.grpc.advertisePort")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "database: {type: oracle}; database.type: oracle (expected: h2, mysql or mariadb)",
                "database: {mysql: {host: , user: u, password: p}}; database.mysql.host: \"\" (expected: a text)",
                "database: {mysql: {host: h, user: u, password: p, port: 0}}; database.mysql.port: 0 (expected: 1..65535)",
                "database: {mysql: {host: h, user: u, password: p, tlsConfig: on}}; database.mysql.tlsConfig: on (expected: true, false, skip-verify or preferred)",
                "auth: {jwt: {timeout: 0s}}; auth.jwt.timeout: 0s (expected: more than 0)",
                "verbose: loud; verbose: loud (expected: true or false)"
            })
    void aWrongValueIsRefused(String line, String complaint) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load("server: {workHome: " + home + "}\n" + line + "\n"))
                .withMessage("manager.yaml:2: " + complaint);
    }

    @Test
    void portsAreCheckedWhereTheyStand() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load("server:\n  workHome: " + home + "\n  grpc: {port: {start: 9, end: 8}}\n"))
                .withMessage("manager.yaml:3: server.grpc.port.end: 8 (expected: at least the start)");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load("server:\n  workHome: " + home + "\n  grpc: {listenIP: here}\n"))
                .withMessage("manager.yaml:3: server.grpc.listenIP: here (expected: an IP address)");
    }

    private static ManagerSettings.Loaded load(String text) {
        return ManagerSettings.load(Settings.parse("manager.yaml", text), false);
    }
}
