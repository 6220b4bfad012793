package dev.darter.manager.database;

import java.nio.file.Path;
import java.util.Set;

/** Where the manager keeps its rows. */
public sealed interface DatabaseConfig {
    /** A file beside the manager; no server needed. */
    record Embedded(Path file) implements DatabaseConfig {}

    /**
     * MySQL 8 or MariaDB; the schema must exist.
     *
     * @param tls upstream's {@code tlsConfig}: {@code true}, {@code false}, {@code skip-verify}, {@code preferred} or empty
     * @param migrate whether tables are made and altered at start
     */
    record MySql(String host, int port, String user, String password, String schema, String tls, boolean migrate)
            implements DatabaseConfig {
        public MySql {
            require(!host.isBlank(), "database.mysql.host", host);
            require(!user.isBlank(), "database.mysql.user", user);
            require(!password.isEmpty(), "database.mysql.password", "empty");
            require(!schema.isBlank(), "database.mysql.dbname", schema);
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("database.mysql.port: " + port + " (expected: 1..65535)");
            }
            if (!Set.of("", "true", "false", "skip-verify", "preferred").contains(tls)) {
                throw new IllegalArgumentException(
                        "database.mysql.tlsConfig: " + tls + " (expected: true, false, skip-verify or preferred)");
            }
        }

        private static void require(boolean holds, String key, String value) {
            if (!holds) {
                throw new IllegalArgumentException(key + ": \"" + value + "\" (expected: a text)");
            }
        }

        /** Hides the password. */
        @Override
        public String toString() {
            return "MySql[" + user + "@" + host + ":" + port + "/" + schema + "]";
        }
    }
}
