package dev.darter.wire.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What Linux says of this process and the JVM of itself, under the names that every Prometheus client library uses. */
public final class ProcessMetrics {
    private static final Path SELF = Path.of("/proc/self");
    private static final double MILLIS = 1000.0;
    private static final int KIB = 1024;
    private static final double UNLIMITED = 0x1p64;

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
                "process_resident_memory_bytes", "Memory of the process that is in RAM.", () -> status("VmRSS:"));
        registry.sampledGauge("process_virtual_memory_bytes", "Addresses in use.", () -> status("VmSize:"));
        registry.sampledGauge("process_virtual_memory_max_bytes", "Most addresses.", () -> limit("Max address space"));
        registry.sampledGauge("process_open_fds", "Open file descriptors.", ProcessMetrics::openFiles);
        registry.sampledGauge("process_max_fds", "Most open file descriptors.", () -> limit("Max open files"));
        RuntimeMetrics.register(registry);
        Scrapes.register(registry);
    }

    private static double status(String field) {
        return line("status", field)
                .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * (double) KIB)
                .orElse(Double.NaN);
    }

    /** The soft limit; without one, the largest number, as upstream's library shows it. */
    private static double limit(String name) {
        return line("limits", name)
                .map(line -> line.substring(name.length()).strip().split(" ", 2)[0])
                .map(value -> value.equals("unlimited") ? UNLIMITED : Double.parseDouble(value))
                .orElse(Double.NaN);
    }

    /** Nothing where this is not Linux: nobody knows. */
    private static Optional<String> line(String file, String beginning) {
        try {
            return Files.readAllLines(SELF.resolve(file)).stream()
                    .filter(line -> line.startsWith(beginning))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
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
