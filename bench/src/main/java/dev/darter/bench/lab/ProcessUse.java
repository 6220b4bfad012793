package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process used.
 *
 * @param cpuSeconds user and system
 * @param peakMiB largest resident memory
 */
public record ProcessUse(double cpuSeconds, double peakMiB) {
    private static final double TICKS_A_SECOND = 100;

    /** Reads {@code /proc}; zeros for a process that is gone. */
    public static ProcessUse of(long pid) {
        Path directory = Path.of("/proc", Long.toString(pid));
        try {
            return parse(Files.readString(directory.resolve("stat")), Files.readString(directory.resolve("status")));
        } catch (IOException e) {
            return new ProcessUse(0, 0);
        }
    }

    /** Makes the peak start again from what is resident now. */
    static void forgetPeak(long pid) {
        try {
            Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
        } catch (IOException e) {
            // Gone, or a kernel that cannot: then the peak is that of its whole life.
        }
    }

    /** The second field of {@code stat} is the program's name in parentheses and may hold spaces. */
    static ProcessUse parse(String stat, String status) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double cpu = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
        long peak = status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
        return new ProcessUse(cpu, peak / 1024.0);
    }

    /** CPU of the time between; the peak is the later one's. */
    public ProcessUse since(ProcessUse before) {
        return new ProcessUse(Math.max(0, cpuSeconds - before.cpuSeconds), peakMiB);
    }

    ProcessUse and(ProcessUse other) {
        return new ProcessUse(cpuSeconds + other.cpuSeconds, Math.max(peakMiB, other.peakMiB));
    }
}
