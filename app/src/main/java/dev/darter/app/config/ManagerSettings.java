package dev.darter.app.config;

import dev.darter.core.NetAddress;
import dev.darter.manager.ManagerConfig;
import dev.darter.manager.database.DatabaseConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code manager.yaml}. */
public final class ManagerSettings {
    private static final KnownKeys KEYS = KnownKeys.of(
            """
            console
            verbose
            server.workHome
            server.logDir
            server.grpc.listenIP
            server.grpc.port.start
            server.grpc.port.end
            server.rest.addr
            auth.jwt.realm
            auth.jwt.key
            auth.jwt.timeout
            auth.jwt.maxRefresh
            database.type
            database.h2.file
            database.mysql.user
            database.mysql.password
            database.mysql.host
            database.mysql.port
            database.mysql.dbname
            database.mysql.tlsConfig
            database.mysql.migrate
            darter.clusterFailover
            darter.compatibility.defaultRootPassword
            darter.firstPassword
            """,
            Map.of(
                    "Redis is not needed: answers are not cached, and jobs come in a later version",
                    """
                    database.redis.**
                    cache.**
                    job.**
                    """,
                    "TLS comes in a later version; listeners and calls are plain text",
                    """
                    security.**
                    server.rest.tls.**
                    database.mysql.tls.**
                    """,
                    "comes in a later version",
                    """
                    objectStorage.**
                    network.**
                    trainer.**
                    metrics.enable
                    metrics.addr
                    database.postgres.**
                    jaeger
                    service-name
                    pprof-port
                    server.pluginDir
                    """,
                    "our way of doing it leaves nothing to set",
                    """
                    server.name
                    server.cacheDir
                    server.grpc.advertiseIP
                    server.grpc.advertisePort
                    metrics.enablePeerGauge
                    """));

    private static final String UPSTREAMS_PASSWORD = "dragonfly";

    private ManagerSettings() {}

    /**
     * A manager's configuration with what belongs to the process around it.
     *
     * @param firstPasswordMade whether the first password was made up here, so that somebody has to be told where it lies
     */
    public record Loaded(
            ManagerConfig config,
            Path workHome,
            Path logDir,
            boolean console,
            boolean verbose,
            List<String> warnings,
            boolean firstPasswordMade)
            implements ProcessSettings {}

    /** @throws ConfigException naming file, line, key, value and what was expected */
    public static Loaded load(Path file, boolean strict) {
        return load(Settings.read(file), strict);
    }

    static Loaded load(Settings settings, boolean strict) {
        List<String> warnings = settings.review(KEYS, strict);
        Path workHome = Path.of(settings.text("server.workHome").orElse("/usr/local/dragonfly"));
        boolean upstreams = settings.flag("darter.compatibility.defaultRootPassword", false);
        Optional<String> given = upstreams
                ? Optional.of(UPSTREAMS_PASSWORD)
                : settings.text("darter.firstPassword").or(() -> Secrets.environment("DARTER_ROOT_PASSWORD"));
        try {
            return new Loaded(
                    bind(settings, workHome, given.orElseGet(() -> Secrets.keep(workHome.resolve("first-password")))),
                    workHome,
                    Path.of(settings.text("server.logDir").orElse("/var/log/dragonfly")),
                    settings.flag("console", false),
                    settings.flag("verbose", false),
                    warnings,
                    given.isEmpty());
        } catch (IllegalArgumentException e) {
            throw settings.illegal(e);
        }
    }

    private static ManagerConfig bind(Settings settings, Path workHome, String firstPassword) {
        int start = settings.port("server.grpc.port.start", ManagerConfig.Grpc.DEFAULT.firstPort());
        NetAddress rest =
                settings.listen("server.rest.addr", new NetAddress("0.0.0.0", ManagerConfig.Rest.DEFAULT.port()));
        return new ManagerConfig(
                new ManagerConfig.Grpc(
                        settings.ip("server.grpc.listenIP").orElse("0.0.0.0"),
                        start,
                        settings.port("server.grpc.port.end", start)),
                new ManagerConfig.Rest(rest.host(), rest.port()),
                new ManagerConfig.Jwt(
                        settings.text("auth.jwt.realm").orElse(ManagerConfig.Jwt.DEFAULT_REALM),
                        settings.text("auth.jwt.key").orElseGet(() -> Secrets.keep(workHome.resolve("jwt-key"))),
                        settings.duration("auth.jwt.timeout", ManagerConfig.Jwt.DEFAULT_TIMEOUT),
                        settings.duration("auth.jwt.maxRefresh", ManagerConfig.Jwt.DEFAULT_TIMEOUT)),
                database(settings, workHome),
                firstPassword,
                settings.flag("darter.clusterFailover", false),
                settings.flag("metrics.enable", false)
                        ? Optional.of(settings.listen("metrics.addr", new NetAddress("0.0.0.0", 8000)))
                        : Optional.empty());
    }

    private static DatabaseConfig database(Settings settings, Path workHome) {
        String type = settings.text("database.type").orElse(settings.has("database.mysql") ? "mysql" : "h2");
        return switch (type) {
            case "h2" ->
                new DatabaseConfig.Embedded(Path.of(settings.text("database.h2.file")
                        .orElse(workHome.resolve("data").resolve("manager").toString())));
            case "mysql", "mariadb" ->
                new DatabaseConfig.MySql(
                        settings.text("database.mysql.host", ""),
                        settings.integer("database.mysql.port", 3306),
                        settings.text("database.mysql.user", ""),
                        settings.text("database.mysql.password", ""),
                        settings.text("database.mysql.dbname", "manager"),
                        settings.text("database.mysql.tlsConfig", ""),
                        settings.flag("database.mysql.migrate", true));
            default ->
                throw new IllegalArgumentException("database.type: " + type + " (expected: h2, mysql or mariadb)");
        };
    }
}
