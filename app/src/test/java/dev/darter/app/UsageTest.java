package dev.darter.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsageTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void explainsItselfOnOneScreen() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("See it work", "demo", "up", "get", "manager", "scheduler", "daemon");
        assertThat(out.toString().lines()).hasSizeLessThanOrEqualTo(40).allMatch(line -> line.length() <= 100);
    }

    @Test
    void saysTheSameWithoutAnyArgumentAndByHelp() {
        assertThat(run()).isZero();
        String bare = out.toString();
        out.getBuffer().setLength(0);

        assertThat(run("help")).isZero();

        assertThat(out.toString()).isEqualTo(bare);
    }

    @Test
    void namesTheCommandThatWasMeant() {
        assertThat(run("dmeo")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("darter: dmeo (expected: a command")
                .contains("did you mean");
    }

    @ParameterizedTest
    @CsvSource({
        "--peers=0, '--peers: 0 (expected: 1..40)'",
        "--peers=41, '--peers: 41 (expected: 1..40)'",
        "--port-base=80, '--port-base: 80 (expected: 1024..'"
    })
    void refusesNumbersThatCannotBe(String flag, String message) {
        assertThat(run("up", flag)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @Test
    void refusesASizeThatIsNone() {
        assertThat(run("demo", "--size", "lots")).isEqualTo(2);
        assertThat(err.toString()).contains("--size: lots (expected: ");
    }

    @Test
    void wantsANameForAPeerThatJoins() {
        assertThat(run("daemon", "--join", "cluster.json")).isEqualTo(2);
        assertThat(err.toString()).contains("--join and --name");
    }
}
