package dev.darter.wire.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** What Linux says of this process, under the names that every Prometheus client library uses. */
public final class ProcessMetrics {
    private static final Path SELF = Path.of("/proc/self");
    private static final double MILLIS = 1000.0;
    private static final int KIB = 1024;

    private ProcessMetrics() {}

    public static void register(MetricRegistry registry) {
        var process = ProcessHandle.current().info();
        double started = process.startInstant().map(Instant::toEpochMilli).orElse(0L) / MILLIS;
        registry.sampledGauge(
                "process_start_time_seconds", "When the process started, in seconds since 1970.", () -> started);
        registry.sampledCounter(
                "process_cpu_seconds_total",
                "CPU time that the process has used, user and system.",
                () -> ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toMillis()
                        / MILLIS);
        registry.sampledGauge(
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM.",
                ProcessMetrics::residentBytes);
        registry.sampledGauge("process_open_fds", "Open file descriptors.", ProcessMetrics::openFiles);
    }

    private static double residentBytes() {
        try {
            for (String line : Files.readAllLines(SELF.resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * (double) KIB;
                }
            }
            return Double.NaN;
        } catch (IOException e) {
            return Double.NaN; // not Linux: nobody knows
        }
    }

    private static double openFiles() {
        try (var files = Files.list(SELF.resolve("fd"))) {
            return files.count() - 1; // the one that lists them is about to close
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
