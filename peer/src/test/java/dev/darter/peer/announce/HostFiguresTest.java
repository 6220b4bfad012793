package dev.darter.peer.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.darter.core.HostReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostFiguresTest {
    @TempDir
    Path root;

    private HostFigures figures;

    @BeforeEach
    void start() {
        figures = new HostFigures(root, new FileSystemFigures(), root);
    }

    @Test
    void readsTheSystem() throws IOException {
        write("etc/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\n");
        write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");

        assertThat(figures.platform())
                .isEqualTo(new HostReport.Platform("linux", "debian", "debian", "12", "6.1.0-18-amd64"));
    }

    @Test
    void readsSharesOfTheProcessorSinceTheLastLook() throws IOException {
        write("proc/cpuinfo", "physical id\t: 0\ncore id\t\t: 0\nphysical id\t: 0\ncore id\t\t: 0\n");
        write("proc/stat", "cpu  1000 10 500 8000 100 5 6 7 8 9\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n");
        write("proc/self/stat", "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 100 50 0 0\n");
        HostReport.Cpu first = figures.cpu();
        write("proc/stat", "cpu  1300 10 600 8500 200 5 6 7 8 9\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n");
        write("proc/self/stat", "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 200 100 0 0\n");
        HostReport.Cpu second = figures.cpu();

        assertThat(first.logicalCount()).isEqualTo(2);
        assertThat(first.physicalCount()).isEqualTo(1);
        assertThat(first.percent()).isZero();
        assertThat(first.times()).isEqualTo(new HostReport.CpuTimes(10, 5, 80, 0.1, 1, 0.05, 0.06, 0.07, 0.08, 0.09));
        // 400 of 1000 ticks were work; 150 of them ours, on one of two processors.
        assertThat(second.percent()).isCloseTo(40, within(0.01));
        assertThat(second.processPercent()).isCloseTo(30, within(0.01));
    }

    @Test
    void readsMemory() throws IOException {
        write("proc/meminfo", "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  600 kB\n");
        write("proc/self/status", "Name:\tjava\nVmRSS:\t  50 kB\n");

        assertThat(figures.memory()).isEqualTo(new HostReport.Memory(1_024_000, 614_400, 409_600, 40, 5, 102_400));
    }

    @Test
    void countsConnectionsAndThoseOfChildren() throws IOException {
        String head = "  sl  local_address rem_address   st\n";
        // 0xFDEA is 65002; 01 is established, 0A is listening.
        write(
                "proc/net/tcp",
                head + "   0: 0100007F:FDEA 0100007F:1234 01\n   1: 00000000:FDEA 00000000:0000 0A\n"
                        + "   2: 0100007F:0016 0100007F:1235 01\n");
        write("proc/net/tcp6", head + "   0: 00000000000000000000000001000000:FDEA 0000:1236 01\n");

        assertThat(figures.network(65002)).isEqualTo(new HostReport.Network(4, 2));
    }

    @Test
    void saysNothingWhereTheKernelSaysNothing() {
        assertThat(figures.memory()).isEqualTo(new HostReport.Memory(0, 0, 0, 0, 0, 0));
        assertThat(figures.network(1)).isEqualTo(new HostReport.Network(0, 0));
        assertThat(figures.cpu().percent()).isZero();
    }

    @Test
    void measuresTheFileSystemOfTheData() {
        HostReport.Disk disk = figures.disk();

        assertThat(disk.total()).isPositive();
        assertThat(disk.used() + disk.free()).isEqualTo(disk.total());
        assertThat(disk.usedPercent()).isBetween(0.0, 100.0);
        assertThat(disk.inodesUsed() + disk.inodesFree()).isEqualTo(disk.inodesTotal());
        assertThat(disk.inodesUsedPercent()).isBetween(0.0, 100.0);
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
