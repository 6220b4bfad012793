package dev.darter.app.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes the configuration of every part, in upstream's words, so that each can be brought back by itself. */
final class PartFiles {
    private PartFiles() {}

    static void writeManager(Plan plan, String firstPassword) throws IOException {
        Path home = plan.managerConfig().getParent();
        write(plan.managerConfig(), """
                server:
                  workHome: %1$s
                  logDir: %2$s
                  grpc:
                    listenIP: %3$s
                    port: {start: %4$d, end: %4$d}
                  rest:
                    addr: %3$s:%5$d
                database:
                  type: h2
                darter:
                  firstPassword: "%6$s"
                """.formatted(
                        home,
                        plan.directory().resolve("log"),
                        Plan.IP,
                        plan.manager().grpc(),
                        plan.manager().rest(),
                        firstPassword));
    }

    static void writeScheduler(Plan plan) throws IOException {
        Path home = plan.schedulerConfig().getParent();
        write(plan.schedulerConfig(), """
                server:
                  workHome: %1$s
                  cacheDir: %1$s/cache
                  dataDir: %1$s/data
                  logDir: %2$s
                  listenIP: %3$s
                  advertiseIP: %3$s
                  port: %4$d
                  host: scheduler-1
                dynConfig:
                  refreshInterval: 10s
                manager:
                  addr: %3$s:%5$d
                  schedulerClusterID: 1
                metrics:
                  enable: true
                  addr: %3$s:%6$d
                """.formatted(
                        home,
                        plan.directory().resolve("log"),
                        Plan.IP,
                        plan.scheduler().grpc(),
                        plan.manager().grpc(),
                        plan.scheduler().metrics()));
    }

    static void writeDaemon(Plan.PeerPart part, int managerPort) throws IOException {
        write(part.config(), """
                aliveTime: 0s
                gcInterval: 1m
                keepStorage: true
                metrics: %4$s:%11$d
                workHome: %1$s
                cacheDir: %1$s/cache
                logDir: %1$s/log
                dataDir: %2$s
                host:
                  hostname: %3$s
                  advertiseIP: %4$s
                scheduler:
                  manager:
                    enable: true
                    netAddrs: ["%4$s:%5$d"]
                    refreshInterval: 10s
                    seedPeer: {enable: %6$s, type: super, clusterID: 1}
                  scheduleTimeout: 30s
                download:
                  downloadGRPC:
                    unixListen: {socket: %7$s}
                  peerGRPC:
                    tcpListen: {listen: %4$s, port: %8$d}
                upload:
                  tcpListen: {listen: %4$s, port: %9$d}
                health:
                  tcpListen: {listen: %4$s, port: %10$d}
                storage:
                  multiplex: true
                """.formatted(
                        part.directory(),
                        part.dataDir(),
                        part.name(),
                        Plan.IP,
                        managerPort,
                        part.seed(),
                        part.socket(),
                        part.ports().grpc(),
                        part.ports().upload(),
                        part.ports().health(),
                        part.ports().metrics()));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        // The manager's file holds the first password.
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }
}
