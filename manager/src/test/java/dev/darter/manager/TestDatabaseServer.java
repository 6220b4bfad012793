package dev.darter.manager;

import dev.darter.manager.database.DatabaseConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real database server on loopback, in a directory of its own, with a fresh schema for whoever asks. */
final class TestDatabaseServer {
    private static final Duration START = Duration.ofSeconds(60);
    private static final String PASSWORD = "darter-test";

    private final Process process;
    private final int port;
    private final AtomicInteger schemas = new AtomicInteger();

    private TestDatabaseServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Debian's MariaDB, which {@code .ci/setup} installs. */
    static TestDatabaseServer mariaDb(Path directory) throws Exception {
        Path program = Path.of("/usr/sbin/mariadbd");
        if (!Files.isExecutable(program)) {
            throw new IOException(program + ": missing (expected: .ci/setup was run)");
        }
        // As whoever runs the tests: a user of its own may not be able to reach our directories, or write to /tmp.
        String user = "--user=" + System.getProperty("user.name");
        run(
                directory,
                List.of(
                        "mariadb-install-db",
                        "--no-defaults",
                        user,
                        "--datadir=" + directory.resolve("my"),
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db"));
        int port = freePort();
        return start(
                port,
                directory,
                List.of(
                        program.toString(),
                        "--no-defaults",
                        user,
                        "--datadir=" + directory.resolve("my"),
                        "--bind-address=127.0.0.1",
                        "--port=" + port,
                        "--socket=" + directory.resolve("my").resolve("s.sock"),
                        "--skip-log-bin"));
    }

    /** MySQL 8 as it comes inside a test artifact. */
    static TestDatabaseServer mySql(Path directory) throws Exception {
        Path archive = directory.resolve("mysql.tar.gz");
        try (InputStream packed = TestDatabaseServer.class.getResourceAsStream("/mysql-Linux-amd64.tar.gz")) {
            if (packed == null) {
                throw new IOException("mysql-Linux-amd64.tar.gz: not on the class path");
            }
            Files.copy(packed, archive);
        }
        Path home = Files.createDirectory(directory.resolve("mysql"));
        run(directory, List.of("tar", "xzf", archive.toString(), "-C", home.toString()));
        Path data = directory.resolve("data");
        String program = home.resolve("bin").resolve("mysqld").toString();
        List<String> common = List.of(
                "--no-defaults",
                "--user=root",
                "--basedir=" + home,
                "--datadir=" + data,
                "--lc_messages_dir=" + home.resolve("share"));
        var initialize = new ArrayList<>(List.of(program));
        initialize.addAll(common);
        initialize.add(2, "--initialize-insecure");
        run(directory, initialize);
        int port = freePort();
        var serve = new ArrayList<>(List.of(program));
        serve.addAll(common);
        serve.addAll(List.of(
                "--port=" + port,
                "--bind-address=127.0.0.1",
                "--mysqlx=OFF",
                "--socket=" + directory.resolve("s.sock")));
        return start(port, directory, serve);
    }

    /** A schema that nobody else uses. */
    DatabaseConfig.MySql schema() throws SQLException {
        String name = "manager" + schemas.incrementAndGet();
        execute("CREATE DATABASE " + name);
        return new DatabaseConfig.MySql("127.0.0.1", port, "darter", PASSWORD, name, "", true);
    }

    void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static TestDatabaseServer start(int port, Path directory, List<String> command) throws Exception {
        Path log = directory.resolve("server.log");
        Process process =
                builder(directory, command).redirectOutput(log.toFile()).start();
        var server = new TestDatabaseServer(process, port);
        long deadline = System.nanoTime() + START.toNanos();
        while (true) {
            try {
                server.execute("SELECT 1");
                break;
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("the server does not start:\n" + Files.readString(log), e);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        server.execute("CREATE USER 'darter'@'%' IDENTIFIED BY '" + PASSWORD + "'");
        server.execute("GRANT ALL ON *.* TO 'darter'@'%'");
        return server;
    }

    private void execute(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port
                        + "/?user=root&sslMode=disable&allowPublicKeyRetrieval=true");
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Temporary files lie in the directory too. */
    private static ProcessBuilder builder(Path directory, List<String> command) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TMPDIR", directory.toString());
        return builder;
    }

    private static void run(Path directory, List<String> command) throws IOException, InterruptedException {
        Process process = builder(directory, command).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + output);
        }
    }
}
