package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class SwarmCommandTest {
    private static SwarmOptions parse(String... arguments) {
        return CommandLine.populateCommand(new SwarmCommand(), arguments).options();
    }

    @Test
    void measuresTheBudgetsRowByDefault() {
        var options = parse();
        assertThat(options.peers()).isEqualTo(8);
        assertThat(options.mbit()).isEqualTo(100);
        assertThat(options.size()).isEqualTo(256L << 20);
        assertThat(options.runs()).isEqualTo(5);
        assertThat(options.seedMbit()).isEqualTo(100);
        assertThat(options.warm()).isFalse();
        assertThat(options.congestion()).isEmpty();
    }

    @Test
    void takesEveryFlag() {
        var options = parse(
                "--peers=4",
                "--mbit=1000",
                "--size=1GiB",
                "--runs=3",
                "--pipe",
                "--blend=0.5",
                "--seeds=2",
                "--stagger=3s",
                "--seed-mbit=50",
                "--origin-mbit=10",
                "--slow-peer=5",
                "--thin-mbit=20",
                "--cc=cubic",
                "--fault=kill-peer@50%",
                "--fault=kill-seed@3s",
                "--outputs=d",
                "--json=a.json",
                "--out=b",
                "--daemon-yaml=c.yaml");
        assertThat(options)
                .isEqualTo(new SwarmOptions(
                        4,
                        2,
                        1000,
                        1L << 30,
                        3,
                        false,
                        true,
                        Duration.ofSeconds(3),
                        50,
                        10,
                        Optional.of(5.0),
                        Optional.of(20.0),
                        Optional.of("cubic"),
                        Optional.of(0.5),
                        List.of(Fault.parse("kill-peer@50%"), Fault.parse("kill-seed@3s")),
                        Optional.of(Path.of("d")),
                        Optional.of(Path.of("a.json")),
                        Optional.of(Path.of("b")),
                        Optional.of(Path.of("c.yaml"))));
    }

    @Test
    void aThinLinkIsALimitForThoseBehindIt() {
        var one = parse("--peers=4", "--size=100MiB");
        var two = parse("--peers=4", "--size=100MiB", "--thin-mbit=20");
        var wide = parse("--peers=5", "--size=100MiB", "--thin-mbit=100");

        assertThat(two.limit()).isCloseTo(5 * one.limit(), within(0.1));
        assertThat(wide.limit()).isCloseTo(one.limit(), within(0.1));
        assertThat(IntStream.range(0, 5).filter(wide::isFar)).containsExactly(3, 4);
        assertThat(IntStream.range(0, 4).filter(one::isFar)).isEmpty();
    }

    @Test
    void aWarmSeedIsNotBlended() {
        assertThat(parse("--warm").warm()).isTrue();
        assertThatThrownBy(() -> parse("--warm", "--blend=1"))
                .isInstanceOf(LabException.class)
                .hasMessageContaining("--blend: with --warm");
    }

    @ParameterizedTest
    @CsvSource({
        "--peers=0, --peers: 0",
        "--runs=0, --runs: 0",
        "--mbit=0, --mbit: 0.0",
        "--seed-mbit=0.5, --seed-mbit: 0.5",
        "--size=huge, --size: size: huge",
        "--size=0, --size: 0",
        "--stagger=soon, --stagger: duration: soon",
        "--blend=2, --blend: 2.0",
        "--slow-peer=0, --slow-peer: 0.0",
        "--cc=x/../y, --cc: x/../y"
    })
    void namesTheFlagTheValueAndWhatIsExpected(String argument, String message) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(LabException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("(expected: ");
    }

    @Test
    void theSlowPeerIsTheLastAndIsNotJudged() {
        var options = parse("--peers=4", "--slow-peer=5");
        assertThat(options.peerMbit(2)).isEqualTo(100);
        assertThat(options.peerMbit(3)).isEqualTo(5);
        assertThat(options.counts(2)).isTrue();
        assertThat(options.counts(3)).isFalse();
        assertThat(options.limit()).isEqualTo(parse("--peers=3").limit());
    }

    @Test
    void victimsAreTheFirstPeersAndAreNotJudged() {
        var options = parse("--peers=4", "--fault=kill-peer:50%@50%", "--fault=kill-seed@50%");
        assertThat(options.counts(0)).isFalse();
        assertThat(options.counts(1)).isFalse();
        assertThat(options.counts(2)).isTrue();
    }

    @Test
    void spreadsStartsEvenly() {
        var options = parse("--peers=4", "--stagger=3s");
        assertThat(options.startOf(0)).isZero();
        assertThat(options.startOf(1)).isEqualTo(1);
        assertThat(options.startOf(3)).isEqualTo(3);
    }

    @Test
    void manyFilesGoToAllPeersByDefault() {
        assertThat(CommandLine.populateCommand(new FilesCommand()).plan())
                .isEqualTo(new FilePlan(2000, 8, 8, 10 << 10));
        assertThat(CommandLine.populateCommand(new FilesCommand(), "--files=20", "--each=4", "--size=64MiB")
                        .plan())
                .isEqualTo(new FilePlan(20, 8, 4, 64 << 20));
        assertThatThrownBy(() -> CommandLine.populateCommand(new FilesCommand(), "--size=x")
                        .plan())
                .hasMessageStartingWith("--size: ");
    }

    @Test
    void onePairMovesAGibibyteByDefault() {
        assertThat(CommandLine.populateCommand(new PairCommand()).bytes()).isEqualTo(1 << 30);
        assertThatThrownBy(() -> CommandLine.populateCommand(new PairCommand(), "--size=x")
                        .bytes())
                .hasMessageStartingWith("--size: ");
    }
}
