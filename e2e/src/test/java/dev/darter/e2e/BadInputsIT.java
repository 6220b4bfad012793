package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees who gave a service something wrong: one line that says what and what was expected, and exit code 1 (2: usage). */
final class BadInputsIT {
    @TempDir
    private Path directory;

    @Test
    void namesTheFileThatIsNotYaml() throws IOException {
        String broken = file("broken.yaml", "server:\n  port: [8002\nhost: {}\n");
        for (String role : List.of("manager", "scheduler", "daemon")) {
            run(role, "--config", broken).mustFailWithOneLineAbout("darter " + role, broken, "not YAML");
        }
    }

    @Test
    void namesAFileThatCannotBeRead() throws IOException {
        String absent = directory.resolve("absent.yaml").toString();
        run("scheduler", "--config", absent).mustFailWithOneLineAbout(absent, "no such file");
        run("manager", "--config", directory.toString())
                .mustFailWithOneLineAbout(directory.toString(), "Is a directory");
        String bytes = directory.resolve("bytes.yaml").toString();
        Files.write(Path.of(bytes), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        run("daemon", "--config", bytes).mustFailWithOneLineAbout(bytes);
    }

    @Test
    void namesTheWrongValueAndWhatWasExpected() throws IOException {
        String port = file("port.yaml", "server:\n  port: many\n");
        run("scheduler", "--config", port).mustFailWithOneLineAbout(port + ":2", "server.port", "many", "expected");
        String kept = file("kept.yaml", "scheduler: {netAddrs: [127.0.0.1:1]}\nkeepStorage: perhaps\n");
        run("daemon", "--config", kept).mustFailWithOneLineAbout(kept + ":2", "keepStorage", "perhaps", "expected");
        String type = file("type.yaml", "database:\n  type: oracle\n");
        run("manager", "--config", type).mustFailWithOneLineAbout("database.type", "oracle", "expected");
        String nobody = file("nobody.yaml", "scheduler: {}\n");
        run("daemon", "--config", nobody).mustFailWithOneLineAbout("scheduler", "expected");
    }

    @Test
    void refusesUnknownKeysWhenToldToBeStrict() throws IOException {
        String typo = file("typo.yaml", "manager: {addr: \"127.0.0.1:1\"}\nserver:\n  prot: 8002\n");
        run("scheduler", "--strict", "--config", typo)
                .mustFailWithOneLineAbout(typo + ":3", "server.prot", "did you mean server.port");
    }

    @Test
    void namesAnUnknownFlag() throws IOException {
        for (String role : List.of("manager", "scheduler", "daemon", "up")) {
            var ended = run(role, "--frobnicate");
            assertThat(ended.code()).as(ended.output()).isEqualTo(2);
            assertThat(ended.output().lines().findFirst().orElseThrow()).contains("--frobnicate");
        }
    }

    @Test
    void namesThePortThatIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "" + taken.getLocalPort();
            run("scheduler", "--config", scheduler(taken.getLocalPort())).mustFailWithOneLineAbout(port, "in use");
            String manager = file("manager.yaml", """
                    server:
                      workHome: %1$s/manager
                      logDir: %1$s/log
                      rest: {addr: "127.0.0.1:%2$s"}
                      grpc: {listenIP: 127.0.0.1, port: {start: %3$d, end: %3$d}}
                    """.formatted(directory, port, Ports.free()));
            run("manager", "--config", manager).mustFailWithOneLineAbout(port, "in use");
            run("daemon", "--config", daemon(taken.getLocalPort())).mustFailWithOneLineAbout(port, "in use");
            int base = taken.getLocalPort() - 1;
            run("up", "--dir", directory.resolve("up").toString(), "--port-base", "" + base)
                    .mustFailWithOneLineAbout(port, "in use", "--port-base");
        }
    }

    @Test
    void namesTheDatabaseThatRefusesOrIsNotThere() throws IOException {
        int port = Ports.free();
        int nobody = Ports.free();
        // It waits a minute for a database that may still be starting: meanwhile the others are looked at.
        try (Running patient = start("manager", "--config", manager("dragonfly", nobody));
                Running database = MariaDb.start(directory.resolve("mariadb"), List.of(), "127.0.0.1", port)) {
            run("manager", "--config", manager("wrong-password", port))
                    .mustFailWithOneLineAbout("database", "127.0.0.1:" + port, "denied")
                    .mustNotContain("wrong-password");
            patient.awaitEnd().mustFailWithOneLineAbout("database", "127.0.0.1:" + nobody, "refused");
            assertThat(database.pids()).isNotEmpty();
        }
    }

    @Test
    void waitsForAManagerThatIsNotThereYetAndSaysSo() throws IOException {
        try (Running scheduler = start("scheduler", "--console", "--config", scheduler(Ports.free()))) {
            scheduler.await(
                    "it says whom it waits for", () -> scheduler.output().contains("manager"));
            scheduler.await("it serves", () -> scheduler.output().contains("scheduler started"));
            assertThat(scheduler.output()).doesNotContain("\tat ");
            assertThat(scheduler.stop().code()).isIn(0, 143);
        }
        try (Running daemon = start("daemon", "--console", "--config", daemon(Ports.free()))) {
            daemon.await("it says what it misses", () -> daemon.output().contains("no scheduler answers yet"));
            assertThat(daemon.output()).doesNotContain("\tat ");
            assertThat(daemon.stop().code()).isIn(0, 143);
        }
    }

    private int runs;

    private Running.Ended run(String... arguments) throws IOException {
        try (Running running = start(arguments)) {
            return running.awaitEnd();
        }
    }

    private Running start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(Programs.path("darter")));
        command.addAll(List.of(arguments));
        return Running.start(directory, "run-" + runs++, command);
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private String scheduler(int port) throws IOException {
        return file("scheduler.yaml", """
                server:
                  host: scheduler-1
                  advertiseIP: 127.0.0.1
                  listenIP: 127.0.0.1
                  port: %2$d
                  workHome: %1$s/scheduler
                  cacheDir: %1$s/scheduler/cache
                  dataDir: %1$s/scheduler/data
                  logDir: %1$s/log
                manager: {addr: "127.0.0.1:%3$d"}
                """.formatted(directory, port, Ports.free()));
    }

    private String manager(String password, int port) throws IOException {
        return file("manager-" + port + ".yaml", """
                server:
                  workHome: %1$s/manager
                  logDir: %1$s/log
                  rest: {addr: "127.0.0.1:%2$d"}
                  grpc: {listenIP: 127.0.0.1, port: {start: %3$d, end: %3$d}}
                database:
                  type: mysql
                  mysql: {host: 127.0.0.1, port: %4$d, user: dragonfly, password: %5$s, dbname: manager}
                """.formatted(directory, Ports.free(), Ports.free(), port, password));
    }

    private String daemon(int uploadPort) throws IOException {
        return file("dfget.yaml", """
                workHome: %1$s/peer
                cacheDir: %1$s/peer/cache
                dataDir: %1$s/peer/data
                logDir: %1$s/log
                host: {hostname: peer-1, advertiseIP: 127.0.0.1}
                scheduler: {manager: {enable: true, netAddrs: ["127.0.0.1:%2$d"]}}
                download:
                  downloadGRPC: {unixListen: {socket: %1$s/dfdaemon.sock}}
                  peerGRPC: {tcpListen: {listen: 127.0.0.1, port: %3$d}}
                upload: {tcpListen: {listen: 127.0.0.1, port: %4$d}}
                health: {tcpListen: {listen: 127.0.0.1, port: %5$d}}
                """.formatted(directory, Ports.free(), Ports.free(), uploadPort, Ports.free()));
    }
}
