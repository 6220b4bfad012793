package dev.darter.manager.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool, the migrations, and transactions over both. Any thread may call it. */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int POOL = 5;
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final int DUPLICATE_KEY_MYSQL = 1062;
    private static final String DUPLICATE_KEY_STATE = "23505";

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
    }

    /**
     * Connects, waiting for a server that is still starting, and brings the schema up to date. A database of v2.1.28 is taken over.
     *
     * @throws IOException if the server does not answer in time, refuses, or cannot be migrated
     */
    public static Database open(DatabaseConfig config) throws IOException, InterruptedException {
        var pool = new HikariDataSource(pool(config));
        try {
            waitFor(pool, config);
            migrate(pool, config);
            return new Database(pool);
        } catch (IOException | InterruptedException | RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    /** Whether a failure says that a row with the same unique key is there already. */
    public static boolean isDuplicate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && (sql.getErrorCode() == DUPLICATE_KEY_MYSQL || DUPLICATE_KEY_STATE.equals(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        pool.close();
    }

    private static HikariConfig pool(DatabaseConfig config) throws IOException {
        var pool = new HikariConfig();
        pool.setMaximumPoolSize(POOL);
        pool.setMinimumIdle(1);
        pool.setInitializationFailTimeout(-1);
        pool.setConnectionTimeout(10_000);
        pool.setPoolName("manager");
        // InnoDB's default locks the gap where a row is missing: two first leases at once would be a deadlock.
        pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        switch (config) {
            case DatabaseConfig.Embedded(Path file) -> {
                Files.createDirectories(file.toAbsolutePath().getParent());
                pool.setDriverClassName("org.h2.Driver");
                pool.setJdbcUrl(
                        "jdbc:h2:file:" + file.toAbsolutePath()
                                + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE;DB_CLOSE_ON_EXIT=FALSE");
                pool.setUsername("sa");
            }
            case DatabaseConfig.MySql mysql -> {
                pool.setDriverClassName("org.mariadb.jdbc.Driver");
                pool.setJdbcUrl("jdbc:mariadb://" + mysql.host() + ":" + mysql.port() + "/" + mysql.schema()
                        + "?connectTimeout=10000&socketTimeout=120000&allowPublicKeyRetrieval=true&timezone=UTC&sslMode="
                        + sslMode(mysql.tls()));
                pool.setUsername(mysql.user());
                pool.setPassword(mysql.password());
            }
        }
        return pool;
    }

    private static String sslMode(String tls) {
        return switch (tls) {
            case "true" -> "verify-full";
            case "skip-verify", "preferred" -> "trust";
            default -> "disable";
        };
    }

    private static void waitFor(HikariDataSource pool, DatabaseConfig config) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        boolean told = false;
        while (true) {
            try (var connection = pool.getConnection()) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                if (isRefusal(e) || System.nanoTime() > deadline) {
                    throw new IOException("database " + config + ": " + innermost(e), e);
                }
                if (!told) {
                    LOG.atWarn()
                            .addKeyValue("database", config)
                            .addKeyValue("reason", innermost(e))
                            .log("waiting for the database");
                    told = true;
                }
            }
            Thread.sleep(BETWEEN_TRIES);
        }
    }

    /** A wrong password or schema stays wrong, and a file that another process holds stays held. */
    private static boolean isRefusal(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            if (text.contains("access denied")
                    || text.contains("unknown database")
                    || text.contains("already in use")) {
                return true;
            }
        }
        return false;
    }

    private static void migrate(HikariDataSource pool, DatabaseConfig config) throws IOException {
        if (config instanceof DatabaseConfig.MySql mysql && !mysql.migrate()) {
            return;
        }
        try {
            var _ = Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:db/migration")
                    .table("darter_schema_history")
                    .baselineOnMigrate(true)
                    .baselineVersion("1")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new IOException(
                    "database " + config + ": the schema cannot be brought up to date: " + innermost(e), e);
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
