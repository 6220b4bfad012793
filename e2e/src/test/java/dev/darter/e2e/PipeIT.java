package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code darter get URL -} in front of other programs, as a shell runs it. */
final class PipeIT {
    private static final long SIZE = 48L << 20;

    @TempDir
    private Path directory;

    private int runs;

    @Test
    void givesTheContentToAnotherProgramAndNothingElse() throws IOException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), 3)) {
            String sha256 = origin.put("file", SIZE);
            var pipes = new ArrayList<Running>();
            try {
                for (int peer = 1; peer <= 3; peer++) {
                    pipes.add(shell(get(cluster, peer, origin.url("file")) + " 2>/dev/null | sha256sum"));
                }
                for (Running pipe : pipes) {
                    assertThat(pipe.awaitEnd().mustSucceed().output()).isEqualTo(sha256 + "  -\n");
                }
            } finally {
                pipes.forEach(Running::close);
            }
            assertThat(origin.bodyBytes() / (double) SIZE)
                    .as("origin sent, in files")
                    .isBetween(1.0, 1.02);

            // To a named pipe and to a redirected file; the report is what is left for people and programs.
            String fifo = directory.resolve("fifo").toString();
            String named = end("mkfifo " + fifo + "; sha256sum < " + fifo + " & "
                            + get(cluster, 1, origin.url("file")).replace(" - ", " -O " + fifo + " ") + " && wait")
                    .mustSucceed()
                    .output();
            assertThat(named).contains(sha256 + "  -", " -> " + fifo);
            Path copy = directory.resolve("copy");
            String json = end(get(cluster, 2, origin.url("file")) + " --json > " + copy)
                    .mustSucceed()
                    .output();
            assertThat(json).contains("\"event\":\"done\"", "\"sha256\":\"" + sha256 + "\"");
            assertThat(Files.size(copy)).isEqualTo(SIZE);
        }
    }

    @Test
    void endsQuietlyWhenTheReaderHasEnoughAndTheDownloadGoesOn() throws IOException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), 1)) {
            String sha256 = origin.put("file", SIZE);
            origin.throttle("16m"); // 3 s: head is gone long before the end
            String get = get(cluster, 1, origin.url("file"));

            String said = end("{ " + get + "; echo \"code $?\" >&2; } 2>err | head -c 1000 | wc -c; cat err")
                    .mustSucceed()
                    .output();
            assertThat(said).startsWith("1000\n").contains("code 1").doesNotContain("Exception", "darter get:");

            // Everything comes once: what had begun goes on.
            cluster.get(1, origin.url("file")).mustBe(sha256);
            assertThat(origin.bodyBytes() / (double) SIZE)
                    .as("origin sent, in files")
                    .isBetween(1.0, 1.02);
        }
    }

    @Test
    void neverLooksCompleteWhenItIsNot() throws IOException, InterruptedException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), 1)) {
            origin.put("file", SIZE);
            origin.throttle("4m");
            Path out = directory.resolve("cut");
            try (Running get = shell(get(cluster, 1, origin.url("file")) + " > " + out)) {
                get.await("bytes came", () -> Files.exists(out) && Files.size(out) > 1 << 20);
                origin.stop();
                Running.Ended ended = get.awaitEnd();
                assertThat(ended.code()).as(ended.output()).isEqualTo(1);
                assertThat(ended.output()).contains("darter get: ").doesNotContain("Exception", "\tat ");
                assertThat(Files.size(out)).isLessThan(SIZE);
            }

            Running.Ended full = end(get(cluster, 1, origin.url("nothing")) + " > " + directory.resolve("none"));
            assertThat(full.code()).isEqualTo(1);
            assertThat(Files.size(directory.resolve("none"))).isZero();
        }
    }

    private static String get(UpCluster cluster, int peer, String url) {
        return Programs.path("darter") + " get " + url + " - --daemon-sock "
                + cluster.peer(peer).path("socket").asString();
    }

    private Running.Ended end(String line) throws IOException {
        try (Running running = shell(line)) {
            return running.awaitEnd();
        }
    }

    private Running shell(String line) throws IOException {
        return Running.start(
                directory, "sh-" + runs++, List.of("bash", "-o", "pipefail", "-c", "cd " + directory + "; " + line));
    }
}
