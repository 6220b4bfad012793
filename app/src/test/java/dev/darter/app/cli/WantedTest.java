package dev.darter.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.Priority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WantedTest {
    @TempDir
    Path directory;

    @Test
    void takesEverythingThatIsSaid() {
        Wanted wanted = wanted(
                false,
                "http://h/a/b?c=/d",
                "--tag=t",
                "--range=5-9",
                "--filter=c&d",
                "-H",
                "Authorization: a, b:c",
                "--application=app",
                "-P",
                "2",
                "--timeout=1m30s",
                "--ratelimit=64Ki",
                "--disable-back-source",
                "--original-offset");

        assertThat(wanted.meta().tag()).isEqualTo("t");
        assertThat(wanted.meta().range()).isEqualTo("5-9");
        assertThat(wanted.meta().filter()).isEqualTo("c&d");
        assertThat(wanted.meta().header()).isEqualTo(Map.of("Authorization", "a, b:c"));
        assertThat(wanted.meta().application()).isEqualTo("app");
        assertThat(wanted.meta().priority()).isEqualTo(Priority.LEVEL2);
        assertThat(wanted.timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(wanted.bytesPerSecond()).isEqualTo(65536);
        assertThat(wanted.disableBackSource()).isTrue();
        assertThat(wanted.originalOffset()).isTrue();
    }

    @Test
    void namesTheOutputAfterTheUrl() {
        assertThat(Wanted.outputFor("http://h/a/b?c=/d")).isEqualTo(Path.of("b"));
        assertThatThrownBy(() -> Wanted.outputFor("http://h/")).isInstanceOf(UsageException.class);
    }

    @Test
    void followsUpstreamsRulesForDfgetOnly() {
        String digest = "--digest=md5:" + "0".repeat(32);

        assertThat(wanted(true, "http://h/x", "--tag=t", digest).meta().tag()).isEmpty();
        assertThat(wanted(false, "http://h/x", "--tag=t", digest).meta().tag()).isEqualTo("t");
        assertThat(wanted(true, "http://h/x").bytesPerSecond()).isEqualTo(1L << 30);
        assertThat(wanted(false, "http://h/x").bytesPerSecond()).isZero();
    }

    @Test
    void letsARangeAmongTheHeadersWin() {
        Wanted wanted = wanted(true, "http://h/x", "--range=5-9", "-H", "range: bytes=1-2");

        assertThat(wanted.meta().range()).isEqualTo("1-2");
        assertThat(wanted.meta().header()).isEmpty();
    }

    @Test
    void saysWhatIsWrongInOneLine() throws Exception {
        assertRefuses("http:///x").hasMessageStartingWith("url: http:///x (expected: a scheme and a host");
        assertRefuses("http://h/a b").hasMessageStartingWith("url: http://h/a b (expected: ");
        assertRefuses("http://h/x", "--digest=sha256:123")
                .hasMessage("--digest: \"123\" (expected: 64 hex digits for sha256)");
        assertRefuses("http://h/x", "--range=5-2")
                .hasMessage("--range: \"5-2\" (expected: an end that is not before the start)");
        assertRefuses("http://h/x", "-H", "nothing")
                .hasMessage("--header: a line without a name (expected: Name: value)");
        assertRefuses("http://h/x", "-P", "7").hasMessage("--priority: 7 (expected: 0..6)");
        assertRefuses("http://h/x", "--timeout=soon").hasMessageStartingWith("--timeout: soon (expected: ");
        assertRefuses("http://h/x", "--ratelimit=1K").hasMessageStartingWith("--ratelimit: 1024 (expected: ");
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> wanted(false, "http://h/x", "-O", file + "/x"))
                .isInstanceOf(ToolException.class)
                .isNotInstanceOf(UsageException.class)
                .hasMessage("output: " + file + "/x cannot be written (expected: a directory that takes files)");
        assertThatThrownBy(() -> wanted(false, "http://h/x", "-O", directory.toString()))
                .hasMessage("output: " + directory + " is a directory (expected: a file)");
    }

    private AbstractThrowableAssert<?, ?> assertRefuses(String... words) {
        return assertThatThrownBy(() -> wanted(false, words)).isInstanceOf(UsageException.class);
    }

    private Wanted wanted(boolean dfget, String... words) {
        var all = new ArrayList<>(List.of("-O", directory.resolve("out").toString()));
        all.addAll(List.of(words));
        return Wanted.of(Arguments.parse(all, dfget ? Flag.Tool.DFGET : Flag.Tool.GET), dfget);
    }
}
