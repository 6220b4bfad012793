package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real MariaDB with the user, password and database of upstream's compose file. It runs as whoever runs the tests: another user
 * could not enter the directory of a test.
 */
final class MariaDb {
    private MariaDb() {}

    /** @param prefix what to put before a command so that it runs where the database belongs */
    static Running start(Path directory, List<String> prefix, String address, int port) throws IOException {
        assertThat(Files.isExecutable(Path.of("/usr/sbin/mariadbd")))
                .as("MariaDB is here (.ci/setup installs it)")
                .isTrue();
        Path home = Files.createDirectories(directory);
        Path temporary = Files.createDirectories(home.resolve("tmp"));
        String user = "--user=" + System.getProperty("user.name");
        Path data = home.resolve("data");
        Running.run(
                        home,
                        "install",
                        List.of(
                                "mariadb-install-db",
                                "--no-defaults",
                                user,
                                "--datadir=" + data,
                                "--tmpdir=" + temporary,
                                "--auth-root-authentication-method=normal",
                                "--skip-test-db"))
                .mustSucceed();
        Path first = Files.writeString(home.resolve("first.sql"), """
                CREATE DATABASE manager;
                CREATE USER 'dragonfly'@'%' IDENTIFIED BY 'dragonfly';
                GRANT ALL ON manager.* TO 'dragonfly'@'%';
                """);
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "/usr/sbin/mariadbd",
                "--no-defaults",
                user,
                "--datadir=" + data,
                "--tmpdir=" + temporary,
                "--socket=" + home.resolve("s.sock"),
                "--pid-file=" + home.resolve("pid"),
                "--bind-address=" + address,
                "--port=" + port,
                "--skip-log-bin",
                "--innodb-flush-log-at-trx-commit=0",
                "--init-file=" + first));
        Running database = Running.start(home, "mariadb", command);
        database.await("the database takes connections", () -> database.output().contains("ready for connections"));
        return database;
    }
}
