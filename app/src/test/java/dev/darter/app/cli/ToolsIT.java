package dev.darter.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.app.serve.StopSignal;
import dev.darter.app.up.Cluster;
import dev.darter.app.up.FreePorts;
import dev.darter.core.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user of {@code darter get} and {@code dfget} sees: a whole cluster, an origin that misbehaves, both tools. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ToolsIT {
    private static final String WRONG = "sha256:" + "0".repeat(64);

    @TempDir
    static Path directory;

    private FakeOrigin origin;
    private Cluster cluster;
    private int outputs;

    /** How a tool ended. */
    private record Ended(int code, String out, String err, Path output) {}

    @BeforeAll
    void start() throws IOException, InterruptedException {
        origin = FakeOrigin.start();
        cluster = Cluster.start(
                new Cluster.Options(directory.resolve("up"), 2, FreePorts.base(2), false),
                System.out,
                StopSignal.never());
    }

    @AfterAll
    void stop() {
        cluster.close();
        origin.close();
    }

    @Test
    void tellsProgramsWhereTheBytesCameFrom() throws Exception {
        String url = origin.url("/file-json");
        String sha256 = sha256(FakeOrigin.content("/file-json"));

        // Cold: the seed reads the origin, the peer reads the seed. Then from this host, then from another one.
        Ended cold = get("peer-1", url, "--json");
        Ended again = get("peer-1", url, "--json");
        Ended other = get("peer-2", url, "--json");

        for (Ended ended : List.of(cold, again, other)) {
            assertThat(ended.err()).isEmpty();
            assertThat(ended.code()).isZero();
            assertThat(ended.output()).hasBinaryContent(FakeOrigin.content("/file-json"));
            assertThat(lastLine(ended.out()))
                    .startsWith("{\"event\":\"done\",\"task\":\"")
                    .contains("\"bytes\":300000,\"total\":300000")
                    .contains("\"sha256\":\"" + sha256 + "\",\"seconds\":");
        }
        assertThat(lastLine(cold.out())).contains("\"sources\":{\"local\":0,\"peer\":300000,\"origin\":0}");
        assertThat(lastLine(again.out())).contains("\"sources\":{\"local\":300000,\"peer\":0,\"origin\":0}");
        assertThat(lastLine(other.out())).contains("\"sources\":{\"local\":0,\"peer\":300000,\"origin\":0}");
    }

    @Test
    void tellsPeopleAndScripts() {
        Ended get = get("peer-1", origin.url("/file-plain"));
        Ended dfget = dfget("peer-1", origin.url("/file-plain"));

        assertThat(get.out())
                .contains("/file-plain -> " + get.output())
                .contains("293.0 KiB in ", "(293.0 KiB from peers, 0 B from the origin, 0 B were here)");
        assertThat(dfget.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("--\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d--  http://.*"),
                        line -> assertThat(line).matches("dfget version: v2\\.1\\.28.*"),
                        line -> assertThat(line).startsWith("current user: "),
                        line -> assertThat(line).isEqualTo("output path: " + dfget.output()),
                        line -> assertThat(line).isEqualTo("init success and start to download"),
                        line -> assertThat(line).isEqualTo("finish total length 300000 bytes"),
                        line -> assertThat(line).matches("download success: true cost: \\d+ ms"));
        assertThat(get.err() + dfget.err()).isEmpty();
        assertThat(dfget.output()).hasBinaryContent(FakeOrigin.content("/file-plain"));
    }

    @Test
    void takesARangeFromAnOriginThatIgnoresIt() {
        byte[] expected = Arrays.copyOfRange(FakeOrigin.content("/no-ranges"), 1000, 2001);

        assertThat(get("peer-1", origin.url("/no-ranges"), "--range", "1000-2000")
                        .output())
                .hasBinaryContent(expected);
        assertThat(dfget("peer-2", origin.url("/no-ranges"), "--range", "1000-2000")
                        .output())
                .hasBinaryContent(expected);
    }

    @Test
    void namesWhatTheOriginAnswered() {
        for (String status : List.of("404 Not Found", "403 Forbidden")) {
            String url = origin.url("/status/" + status.substring(0, 3));
            String said = "origin 127.0.0.1: " + status + " (expected: 200 or 206)"; // by whoever asked it
            assertFails(get("peer-1", url), "darter get: " + said);
            assertThat(lastLine(get("peer-1", url, "--json").out()))
                    .startsWith("{\"event\":\"error\",\"seconds\":")
                    .contains("\"code\":", said);
            assertFails(dfget("peer-1", url), "Error: download url " + url + ": " + said);
            assertFails(dfget("peer-1", url, "--disable-back-source"), "Error: download url " + url + ": " + said);
        }
    }

    @Test
    void namesBothDigests() {
        String found = "sha256:" + sha256(FakeOrigin.content("/file-digest"));

        Ended get = get("peer-1", origin.url("/file-digest"), "--digest", WRONG);
        Ended dfget = dfget("peer-1", origin.url("/file-digest"), "--digest", WRONG);

        assertThat(get.err()).contains(found + " (expected: " + WRONG + ")").hasLineCount(1);
        assertThat(dfget.err()).contains(found + " (expected: " + WRONG + ")").hasLineCount(1);
        assertThat(dfget.out()).contains("try to download from source", "download success: false cost: ");
        assertThat(List.of(get, dfget)).allSatisfy(ended -> {
            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.output()).doesNotExist();
        });
    }

    @Test
    void saysThatTheOriginBrokeOff() {
        Ended get = get("peer-1", origin.url("/truncated"));
        Ended dfget = dfget("peer-1", origin.url("/truncated"));

        assertThat(List.of(get, dfget)).allSatisfy(ended -> {
            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.err()).contains("origin").contains("expected").hasLineCount(1);
            assertThat(ended.output()).doesNotExist();
        });
    }

    @Test
    void saysWhoDoesNotListen() throws IOException {
        int nobody;
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = taken.getLocalPort();
        }
        String url = "http://127.0.0.1:" + nobody + "/x";
        String reason = "origin 127.0.0.1:" + nobody + ": connection refused (expected: an origin that listens there)";

        assertFails(get("peer-1", url), "darter get: " + reason);
        assertFails(dfget("peer-1", url), "Error: download url " + url + ": " + reason);
    }

    @Test
    void saysWhichHostIsUnknown() {
        String url = "http://no-such-host.invalid/x";
        String reason = "origin no-such-host.invalid: the host name is unknown (expected: one that resolves)";

        assertFails(get("peer-1", url), "darter get: " + reason);
        assertFails(dfget("peer-1", url), "Error: download url " + url + ": " + reason);
    }

    @Test
    void saysWhereItCannotWrite() throws IOException {
        Path file = Files.createFile(directory.resolve("a-file"));
        String url = origin.url("/file-nowhere");
        String reason = "output: " + file + "/x cannot be written (expected: a directory that takes files)";

        assertFails(run(false, file.resolve("x"), "peer-1", url), "darter get: " + reason);
        assertFails(run(true, file.resolve("x"), "peer-1", url), "Error: " + reason);
    }

    @Test
    void refusesOrOverlooksAnUnknownFlag() {
        String url = origin.url("/file-flag");

        Ended get = get("peer-1", url, "--frobnicate");
        Ended dfget = dfget("peer-1", url, "--frobnicate");

        assertThat(get.code()).isEqualTo(2);
        assertThat(get.err())
                .isEqualTo("darter get: --frobnicate: unknown flag"
                        + " (expected: one of those that darter get --help lists)\n");
        assertThat(dfget.code()).isZero();
        assertThat(dfget.err())
                .isEqualTo("dfget: --frobnicate: unknown, ignored (expected: flags that dfget --help lists)\n");
        assertThat(dfget.output()).exists();
    }

    @Test
    void endsWhenItsTimeIsOver() {
        Ended get = get("peer-1", origin.url("/file-slow"), "--ratelimit", "64Ki", "--timeout", "300ms");

        assertFails(get, "darter get: --timeout: 0.30 s are over (expected: more time)");
    }

    @Test
    void saysThatNoDaemonAnswers() {
        Path socket = directory.resolve("nobody.sock");
        Ended get = run(false, directory.resolve("none"), socket, origin.url("/file"));

        assertFails(
                get,
                "darter get: daemon: none answers at " + socket
                        + " (expected: a running one; darter up starts a cluster)");
    }

    @Test
    void goesToTheSourceWhenThereIsNoDaemonAndNoneCanBeStarted() throws IOException {
        Path config = Files.writeString(directory.resolve("broken.yaml"), "scheduler: [\n");
        Path socket = directory.resolve("nobody.sock");
        String home = directory.resolve("home").toString();
        String url = origin.url("/file-source");

        Ended dfget =
                run(true, directory.resolve("source"), socket, url, "--config", config.toString(), "--workhome", home);
        Ended forbidden = run(
                true,
                directory.resolve("forbidden"),
                socket,
                url,
                "--config",
                config.toString(),
                "--workhome",
                home,
                "--disable-back-source");

        assertThat(dfget.code()).isZero();
        assertThat(dfget.out())
                .contains("daemon downloads file error: daemon: ")
                .contains("finish total length 300000 bytes", "download success: true");
        assertThat(dfget.output()).hasBinaryContent(FakeOrigin.content("/file-source"));
        assertThat(forbidden.code()).isEqualTo(1);
        assertThat(forbidden.err()).contains("daemon: ").hasLineCount(1);
        assertThat(forbidden.output()).doesNotExist();
    }

    private static void assertFails(Ended ended, String line) {
        assertThat(ended.err()).isEqualTo(line + "\n");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).doesNotExist();
    }

    private Ended get(String peer, String... words) {
        return run(false, freshOutput(), peer, words);
    }

    private Ended dfget(String peer, String... words) {
        return run(true, freshOutput(), peer, words);
    }

    private Path freshOutput() {
        return directory.resolve("out-" + outputs++);
    }

    private Ended run(boolean dfget, Path output, String peer, String... words) {
        return run(dfget, output, Objects.requireNonNull(cluster.sockets().get(peer)), words);
    }

    private static Ended run(boolean dfget, Path output, Path socket, String... words) {
        var all = new ArrayList<>(List.of("-O", output.toString(), "--daemon-sock", socket.toString()));
        all.addAll(List.of(words));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (var outStream = new PrintStream(out, true, UTF_8);
                var errStream = new PrintStream(err, true, UTF_8)) {
            int code = dfget ? DfgetMain.run(all, outStream, errStream) : GetMain.run(all, outStream, errStream);
            return new Ended(code, out.toString(UTF_8), err.toString(UTF_8), output);
        }
    }

    private static String lastLine(String text) {
        return text.lines().toList().getLast();
    }

    private static String sha256(byte[] content) {
        return Digest.hex(Digest.Algorithm.SHA256.newMessageDigest().digest(content));
    }
}
