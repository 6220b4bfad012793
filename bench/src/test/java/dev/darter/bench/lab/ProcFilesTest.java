package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ProcFilesTest {
    @Test
    void readsCpuAndPeakOfAProcessWhoseNameHoldsSpacesAndParentheses() {
        String stat = "4711 (a (b) c) S 1 4711 4711 0 -1 4194560 900 0 0 0 250 50 7 8 20 0 30 0 100 200 300";
        var use = ProcessUse.parse(stat, "Name:\ta\nVmPeak:\t 999999 kB\nVmHWM:\t  102400 kB\nVmRSS:\t 1 kB\n");
        assertThat(use).isEqualTo(new ProcessUse(3.0, 100));
    }

    @Test
    void aProcessThatIsGoneUsedNothing() {
        assertThat(ProcessUse.of(Long.MAX_VALUE)).isEqualTo(new ProcessUse(0, 0));
        assertThat(new ProcessUse(0, 0).since(new ProcessUse(5, 100)).cpuSeconds())
                .isZero();
    }

    @Test
    void aBridgePortReceivesWhatItsHostSends() {
        var links = LinkUse.ofPorts("""
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
                    p2:    1234       9    0    0    0     0          0         0     5678       8    0    0    0     0       0          0
                """);
        assertThat(links).containsEntry("p2", new LinkUse(1234, 5678, 17)).containsOnlyKeys("lo", "p2");
        assertThat(new LinkUse(30, 40, 5).since(new LinkUse(10, 15, 2))).isEqualTo(new LinkUse(20, 25, 3));
    }

    @Test
    void waitingForADiskIsNotBusy() {
        var before = MachineCpu.parse("cpu  100 0 100 800 0 0 0 0 50 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
        var after = MachineCpu.parse("cpu  150 0 120 810 10 0 5 5 90 0\n");
        // 50 user + 20 system + 5 softirq + 5 stolen of 100; guest time is user time already
        assertThat(after.shareSince(before)).isCloseTo(0.8, within(1e-9));
        assertThat(after.shareSince(after)).isZero();
        assertThatThrownBy(() -> MachineCpu.parse("intr 5")).hasMessageContaining("/proc/stat");
    }
}
