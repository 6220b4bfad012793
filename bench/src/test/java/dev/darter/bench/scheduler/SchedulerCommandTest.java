package dev.darter.bench.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.bench.lab.LabException;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class SchedulerCommandTest {
    private static SchedulerOptions parse(String... arguments) {
        return CommandLine.populateCommand(new SchedulerCommand(), arguments).options();
    }

    @Test
    void measuresTheBudgetsRowByDefault() {
        var options = parse();
        assertThat(options.peers()).containsExactly(1_000, 100_000);
        assertThat(options.streams()).isEqualTo(10_000);
        assertThat(options.population().darter()).isTrue();
    }

    @Test
    void takesEveryFlag() {
        var options = parse(
                "--peers=100,200",
                "--streams=5",
                "--tasks=7",
                "--pieces=3",
                "--places=2",
                "--v1",
                "--seconds=0.5",
                "--warm-up=0",
                "--json=a.json");
        assertThat(options)
                .isEqualTo(new SchedulerOptions(List.of(100, 200), 5, 0.5, 0, new Population(7, 3, 2, false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--peers=9", "--peers=10000000", "--streams=0", "--seconds=0", "--warm-up=-1"})
    void refusesWhatCannotBeMeasured(String argument) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(LabException.class)
                .hasMessageStartingWith(argument.substring(0, argument.indexOf('=')))
                .hasMessageContaining("expected:");
    }

    @Test
    void everyPeerIsSomebodyElse() {
        var population = new Population(50, 64, 4, true);
        var ids = new HashSet<String>();
        for (int host = 0; host < 200; host++) {
            for (int task = 0; task < population.tasks(); task++) {
                assertThat(ids.add(population.peer(host, task))).isTrue();
            }
            assertThat(ids.add(population.hostId(host))).isTrue();
        }
    }

    @Test
    void readsTheHeapAsTheJvmSaysIt() {
        assertThat(SchedulerProcess.usedBytes("""
                        1234:
                         garbage-first heap   total reserved 1048576K, committed 262144K, used 23456K [0x00, 0x01)
                          region size 1024K, 3 young (3072K), 0 survivors (0K)
                         Metaspace       used 40000K, committed 40500K, reserved 1114112K
                        """)).isEqualTo(23456L << 10);
        assertThatThrownBy(() -> SchedulerProcess.usedBytes("1234:\nno such thing"))
                .isInstanceOf(LabException.class)
                .hasMessageContaining("expected: a heap");
    }
}
