package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upstream's name for a download, as a process: with a daemon, without one, and with one that it has to start. */
final class DfgetIT {
    private static final int AT_ONCE = 10;
    private static final long SIZE = 1 << 20;

    @TempDir
    private Path directory;

    private int runs;

    @Test
    void startsOneDaemonForAllWhoFindNoneAndThatOneEndsWhenIdle() throws IOException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), 1)) {
            String sha256 = origin.put("file", SIZE);
            String config = config(cluster.manager().path("grpc").asString());
            Path log = directory.resolve("log/daemon/core.log");
            var downloads = new ArrayList<Running>();
            try {
                for (int i = 0; i < AT_ONCE; i++) {
                    downloads.add(dfget(origin.url("file"), out(i), "--config", config));
                }
                for (int i = 0; i < AT_ONCE; i++) {
                    String said = downloads.get(i).awaitEnd().mustSucceed().output();
                    assertThat(said).contains("download success: true").doesNotContain("download from source");
                    assertThat(sha256(out(i))).isEqualTo(sha256);
                }
                assertThat(count(log, "daemon started")).isEqualTo(1);
                Awaitility.await("the idle daemon ends")
                        .atMost(Running.PATIENCE)
                        .until(() -> daemons(config).isEmpty());
                assertThat(count(log, "daemon stopped")).isEqualTo(1);
            } finally {
                downloads.forEach(Running::close);
                daemons(config).forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Test
    void goesToTheSourceAndSaysWhyWhenNoDaemonCanBeStarted() throws IOException {
        try (Origin origin = Origin.on(directory.resolve("origin"))) {
            String sha256 = origin.put("file", SIZE);
            String broken = Files.writeString(directory.resolve("broken.yaml"), "scheduler: [\n")
                    .toString();

            String said = end(dfget(origin.url("file"), out(0), "--config", broken))
                    .mustSucceed()
                    .output();
            assertThat(said).contains("daemon downloads file error: ", broken, "try to download from source");
            assertThat(sha256(out(0))).isEqualTo(sha256);

            Running.Ended forbidden =
                    end(dfget(origin.url("file"), out(1), "--config", broken, "--disable-back-source"));
            assertThat(forbidden.code()).isEqualTo(1);
            assertThat(forbidden.output()).contains("Error: download url ", broken);

            Running.Ended absent = end(dfget(origin.url("nothing"), out(2), "--config", broken));
            assertThat(absent.code()).isEqualTo(1);
            assertThat(absent.output()).contains("Error: download url ", "404 Not Found (expected: ");
        }
    }

    private Running dfget(String url, Path output, String... more) throws IOException {
        var command = new ArrayList<>(List.of(Programs.path("dfget"), url, "-O", output.toString()));
        command.addAll(List.of("--daemon-sock", directory.resolve("d.sock").toString()));
        command.addAll(List.of("--workhome", directory.resolve("home").toString()));
        command.addAll(List.of(more));
        return Running.start(directory, "dfget-" + runs++, command);
    }

    private static Running.Ended end(Running running) {
        try (running) {
            return running.awaitEnd();
        }
    }

    private Path out(int number) {
        return directory.resolve("out-" + number);
    }

    private String config(String manager) throws IOException {
        return Files.writeString(directory.resolve("dfget.yaml"), """
            aliveTime: 5s
            keepStorage: true
            cacheDir: %1$s/cache
            dataDir: %1$s/data
            logDir: %1$s/log
            host: {hostname: started-by-a-tool, advertiseIP: 127.0.0.1}
            scheduler: {manager: {enable: true, netAddrs: ["%2$s"]}, scheduleTimeout: 30s}
            download: {peerGRPC: {tcpListen: {listen: 127.0.0.1, port: %3$d}}}
            upload: {tcpListen: {listen: 127.0.0.1, port: %4$d}}
            health: {tcpListen: {listen: 127.0.0.1, port: %5$d}}
            """.formatted(
                                directory, manager, Ports.free(), Ports.free(), Ports.free()))
                .toString();
    }

    /** Daemons that run on a configuration. Their command lines are longer than what the JDK tells of them. */
    private static List<ProcessHandle> daemons(String config) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    String line = commandLine(process.pid());
                    return line.contains("\0daemon\0") && line.contains("\0" + config + "\0");
                })
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
        } catch (IOException e) {
            return ""; // it has just ended
        }
    }

    private static long count(Path log, String message) throws IOException {
        return Files.readString(log)
                .lines()
                .filter(line -> line.contains(message))
                .count();
    }

    private static String sha256(Path file) throws IOException {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(file)));
    }
}
