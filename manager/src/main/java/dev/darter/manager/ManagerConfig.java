package dev.darter.manager;

import dev.darter.core.NetAddress;
import dev.darter.manager.database.DatabaseConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything a manager is told at its start. Messages of failed checks name the property as {@code manager.yaml} spells it.
 *
 * @param rest where REST and the console are answered; an empty host in {@code :8080} means every address
 * @param firstPassword of the user {@code root}, used only while there is no user
 * @param clusterFailover whether a caller is told of the schedulers of all clusters, best first, as upstream does
 */
public record ManagerConfig(
        Grpc grpc,
        Rest rest,
        Jwt jwt,
        DatabaseConfig database,
        String firstPassword,
        boolean clusterFailover,
        Optional<NetAddress> metrics) {

    /** @param lastPort the next port is tried while one is in use, up to this one */
    public record Grpc(String listenIp, int firstPort, int lastPort) {
        public static final Grpc DEFAULT = new Grpc("0.0.0.0", 65003, 65003);

        public Grpc {
            requirePort("server.grpc.port.start", firstPort);
            requirePort("server.grpc.port.end", lastPort);
            require(lastPort >= firstPort, "server.grpc.port.end", lastPort, "at least the start");
        }
    }

    public record Rest(String host, int port) {
        public static final Rest DEFAULT = new Rest("0.0.0.0", 8080);

        public Rest {
            requirePort("server.rest.addr", port);
        }
    }

    /**
     * @param key secret of the signature
     * @param timeout how long a token holds
     * @param maxRefresh how long after its issue a token may be exchanged for a fresh one
     */
    public record Jwt(String realm, String key, Duration timeout, Duration maxRefresh) {
        public static final String DEFAULT_REALM = "Dragonfly";
        public static final Duration DEFAULT_TIMEOUT = Duration.ofDays(2);

        public Jwt {
            require(!realm.isBlank(), "auth.jwt.realm", "empty", "a text");
            require(!key.isEmpty(), "auth.jwt.key", "empty", "a secret text");
            require(timeout.isPositive(), "auth.jwt.timeout", timeout, "more than 0");
            require(maxRefresh.isPositive(), "auth.jwt.maxRefresh", maxRefresh, "more than 0");
        }

        /** Hides the key. */
        @Override
        public String toString() {
            return "Jwt[realm=" + realm + "]";
        }
    }

    /** Hides the password. */
    @Override
    public String toString() {
        return "ManagerConfig[grpc=" + grpc + ", rest=" + rest + ", database=" + database + "]";
    }

    private static void requirePort(String key, int port) {
        require(port >= 0 && port <= 65535, key, port, "0..65535");
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
