package dev.darter.bench.scheduler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/** Says what was measured: a table for people, an object for programs. */
final class SchedulerReport {
    private static final double MIB = 1 << 20;

    private final SchedulerOptions options;
    private final List<SchedulerResult> results;

    SchedulerReport(SchedulerOptions options, List<SchedulerResult> results) {
        this.options = options;
        this.results = List.copyOf(results);
    }

    String markdown() {
        var out = new StringBuilder();
        out.append(
                "| known peers | streams | fastest, /s | CPU, µs | at 70 %, /s | CPU, µs | p50, ms | p99, ms | parents"
                        + " | idle, % of a core | a piece report, µs | heap, MiB | bytes a peer | bytes a task |\n");
        out.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (SchedulerResult result : results) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %d | %d | %.0f | %.0f | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f | %.0f | %.0f | %.0f | %.0f |%n",
                    result.peers(),
                    result.streams(),
                    result.fastest().perSecond(),
                    result.fastest().serverMicros(),
                    result.loaded().perSecond(),
                    result.loaded().serverMicros(),
                    result.loaded().p50Millis(),
                    result.loaded().p99Millis(),
                    result.loaded().parents(),
                    result.idleCpu() * 100,
                    result.reportMicros(),
                    result.heapLoaded() / MIB,
                    result.heapPerPeer(),
                    result.heapPerTask()));
        }
        return out.toString();
    }

    String json() {
        var report = new LinkedHashMap<String, Object>();
        report.put("options", options);
        report.put("cores", Runtime.getRuntime().availableProcessors());
        report.put("kernel", System.getProperty("os.version", ""));
        report.put("results", results);
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
    }
}
