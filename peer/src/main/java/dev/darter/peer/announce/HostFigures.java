package dev.darter.peer.announce;

import dev.darter.core.HostReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What the kernel says of this host: CPU, memory, connections, disk, system. Shares of CPU are of the time since the last
 * look, so the first look says 0. Used by one thread.
 */
final class HostFigures {
    /** Clock ticks a second in {@code /proc}: fixed for user space on every architecture we run on. */
    private static final double TICKS = 100;

    private static final int ESTABLISHED = 1;

    private final ProcFiles files;
    private final FileSystemFigures fileSystem;
    private final Path dataDir;
    private double lastBusy;
    private double lastTotal;
    private double lastProcess;

    /** @param root of the files that the kernel shows */
    HostFigures(Path root, FileSystemFigures fileSystem, Path dataDir) {
        this.files = new ProcFiles(root);
        this.fileSystem = fileSystem;
        this.dataDir = dataDir;
    }

    HostReport.Platform platform() {
        Map<String, String> release = files.assignments("etc/os-release");
        String kernel = files.lines("proc/sys/kernel/osrelease").stream()
                .findFirst()
                .orElse(System.getProperty("os.version", ""));
        String id = release.getOrDefault("ID", "");
        String family = release.getOrDefault("ID_LIKE", id).split(" ")[0];
        return new HostReport.Platform("linux", id, family, release.getOrDefault("VERSION_ID", ""), kernel);
    }

    HostReport.Cpu cpu() {
        // user nice system idle iowait irq softirq steal guest guest_nice
        double[] t = Arrays.copyOf(
                files.lines("proc/stat").stream()
                        .filter(line -> line.startsWith("cpu "))
                        .findFirst()
                        .map(HostFigures::ticks)
                        .orElse(new double[0]),
                10);
        double total = Arrays.stream(t, 0, 8).sum(); // guest time is part of user time
        double busy = total - t[3] - t[4];
        double process = processSeconds();
        double elapsed = total - lastTotal;
        boolean first = lastTotal == 0;
        double percent = first ? 0 : FileSystemFigures.percent(busy - lastBusy, elapsed);
        int logical = Math.max(1, logicalCount());
        // Of one processor, as tools like top show it: more than 100 means more than one.
        double processPercent = first || elapsed <= 0 ? 0 : 100 * (process - lastProcess) / (elapsed / logical);
        lastBusy = busy;
        lastTotal = total;
        lastProcess = process;
        return new HostReport.Cpu(
                logical,
                physicalCount(logical),
                percent,
                Math.max(0, processPercent),
                new HostReport.CpuTimes(t[0], t[2], t[3], t[1], t[4], t[5], t[6], t[7], t[8], t[9]));
    }

    HostReport.Memory memory() {
        Map<String, Long> memory = files.kibibytes("proc/meminfo");
        long total = memory.getOrDefault("MemTotal", 0L);
        long available = memory.getOrDefault("MemAvailable", 0L);
        long resident = files.kibibytes("proc/self/status").getOrDefault("VmRSS", 0L);
        return new HostReport.Memory(
                total,
                available,
                total - available,
                FileSystemFigures.percent(total - available, total),
                FileSystemFigures.percent(resident, total),
                memory.getOrDefault("MemFree", 0L));
    }

    /** @param uploadPort local port whose established connections are counted apart */
    HostReport.Network network(int uploadPort) {
        int all = 0;
        int uploads = 0;
        for (String table : List.of("proc/net/tcp", "proc/net/tcp6")) {
            List<String> lines = files.lines(table);
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                String[] words = line.strip().split("\\s+");
                if (words.length < 4) {
                    continue;
                }
                all++;
                int port = Integer.parseInt(words[1].substring(words[1].lastIndexOf(':') + 1), 16);
                boolean established = Integer.parseInt(words[3], 16) == ESTABLISHED;
                uploads += established && port == uploadPort ? 1 : 0;
            }
        }
        return new HostReport.Network(all, uploads);
    }

    HostReport.Disk disk() {
        return fileSystem.of(dataDir);
    }

    private static double[] ticks(String line) {
        return Arrays.stream(line.strip().split("\\s+"))
                .skip(1)
                .mapToDouble(word -> Long.parseLong(word) / TICKS)
                .toArray();
    }

    /** User and system time of this process, the 14th and 15th field; the second may hold spaces, in parentheses. */
    private double processSeconds() {
        String line = files.lines("proc/self/stat").stream().findFirst().orElse("");
        String[] words = line.substring(line.lastIndexOf(')') + 1).strip().split("\\s+");
        return words.length < 13 ? 0 : (Long.parseLong(words[11]) + Long.parseLong(words[12])) / TICKS;
    }

    private int logicalCount() {
        return (int) files.lines("proc/stat").stream()
                .filter(line -> line.matches("cpu\\d+ .*"))
                .count();
    }

    /** Cores, not threads; as many as threads where the kernel does not say. */
    private int physicalCount(int logical) {
        var cores = new HashSet<String>();
        String socket = "";
        for (String line : files.lines("proc/cpuinfo")) {
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (line.startsWith("physical id")) {
                socket = value;
            } else if (line.startsWith("core id")) {
                cores.add(socket + "/" + value);
            }
        }
        return cores.isEmpty() ? logical : cores.size();
    }
}
