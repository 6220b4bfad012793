package dev.darter.bench.lab;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;

/** Says what several runs showed: a table for people, an object for programs. */
final class Report {
    private final SwarmOptions options;
    private final String congestion;
    private final List<RunResult> runs;

    /** @param congestion TCP's congestion control during the runs */
    Report(SwarmOptions options, String congestion, List<RunResult> runs) {
        this.options = options;
        this.congestion = congestion;
        this.runs = List.copyOf(runs);
    }

    /** Runs by which the product is judged: those that the machine's CPU did not decide. All, if it decided all. */
    List<RunResult> judged() {
        var free = runs.stream().filter(run -> !run.cpuBound()).toList();
        return free.isEmpty() ? runs : free;
    }

    /** The run nearest to the median. */
    RunResult typical() {
        double median = median(RunResult::last);
        return judged().stream()
                .min((a, b) -> Double.compare(Math.abs(a.last() - median), Math.abs(b.last() - median)))
                .orElseThrow();
    }

    double median(ToDoubleFunction<RunResult> value) {
        return Statistics.median(judged().stream().map(value::applyAsDouble).toList());
    }

    String title() {
        var text = new StringBuilder(format(
                "%s to %d peers, links %s Mbit/s", size(options.size()), options.peers(), plain(options.mbit())));
        if (options.seeds() > 1) {
            text.append(format(", %d seeds", options.seeds()));
        }
        if (options.seedMbit() != options.mbit()) {
            text.append(format(", seed %s", plain(options.seedMbit())));
        }
        if (options.originMbit() != options.mbit()) {
            text.append(format(", origin %s", plain(options.originMbit())));
        }
        options.slowPeer().ifPresent(slow -> text.append(format(", one peer %s", plain(slow))));
        options.thin().ifPresent(thin -> text.append(format(", half of them behind %s", plain(thin))));
        text.append(options.warm() ? ", warm seed" : ", cold");
        if (options.pipe()) {
            text.append(", read in order");
        }
        if (options.stagger().isPositive()) {
            text.append(format(", staggered by %s s", plain(options.stagger().toMillis() / 1000.0)));
        }
        options.faults().forEach(fault -> text.append(", ").append(describe(fault)));
        return text.append(", ").append(congestion).toString();
    }

    String markdown() {
        var out = new StringBuilder(format("%s; T* = %.2f s\n\n", title(), options.limit()));
        out.append(
                "| run | last ÷ T* | first ÷ T* | origin, F | seed up, F | busiest peer up, F"
                        + " | CPU-s: seed, peer, scheduler, manager, origin, driver | peak MiB: seed, peer, scheduler, manager | CPU % (the lab's own) | |\n");
        out.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (RunResult run : runs) {
            out.append(row(Integer.toString(run.number()), value -> value.applyAsDouble(run), remark(run)));
        }
        long bound = runs.stream().filter(RunResult::cpuBound).count();
        String remark = bound == 0 ? "" : bound == runs.size() ? "cpu-bound" : bound + " cpu-bound not counted";
        out.append(row("**median**", this::median, remark));
        if (options.pipe()) {
            out.append("\nFirst MiB of the content at the last reader, seconds after its request:");
            for (RunResult run : runs) {
                out.append(format(" %.2f", run.lastFirstMiB()));
            }
            out.append(format("; median %.2f\n", median(RunResult::lastFirstMiB)));
        }
        if (options.thin().isPresent()) {
            out.append("\nOver the link between the two places, to the far one and back, in F:");
            for (RunResult run : runs) {
                out.append(format(" %.2f, %.2f;", run.thinDownCopies(), run.thinUpCopies()));
            }
            out.append(
                    format(" median %.2f, %.2f\n", median(RunResult::thinDownCopies), median(RunResult::thinUpCopies)));
        }
        return out.toString();
    }

    /** What each link carried, in F, as medians. */
    String linksMarkdown() {
        var out = new StringBuilder("| link | up, F | down, F |\n| --- | --- | --- |\n");
        for (String host : runs.getFirst().links().keySet()) {
            out.append(format(
                    "| %s | %.2f | %.2f |\n",
                    host,
                    median(run -> run.links().getOrDefault(host, LinkUse.NONE).up() / (double) run.size()),
                    median(run -> run.links().getOrDefault(host, LinkUse.NONE).down() / (double) run.size())));
        }
        return out.toString();
    }

    String json() {
        var median = new LinkedHashMap<String, Object>();
        median.put("last", median(RunResult::last));
        median.put("first", median(RunResult::first));
        median.put("originCopies", median(RunResult::originCopies));
        median.put("cpuShare", median(RunResult::cpuShare));
        var report = new LinkedHashMap<String, Object>();
        report.put("title", title());
        report.put("limitSeconds", options.limit());
        report.put("congestionControl", congestion);
        report.put("cores", Runtime.getRuntime().availableProcessors());
        report.put("kernel", System.getProperty("os.version", ""));
        report.put("median", median);
        report.put("runs", runs.stream().map(Report::object).toList());
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
    }

    private static Map<String, Object> object(RunResult run) {
        var object = new LinkedHashMap<String, Object>();
        object.put("number", run.number());
        object.put("last", run.last());
        object.put("first", run.first());
        object.put("originCopies", run.originCopies());
        object.put("lastFirstMiB", run.lastFirstMiB());
        object.put("cpuBound", run.cpuBound());
        object.put("failed", run.failed());
        object.put("wrong", run.wrong());
        object.put("run", run);
        return object;
    }

    private interface Figure {
        double of(ToDoubleFunction<RunResult> value);
    }

    private static String row(String name, Figure figure, String remark) {
        return format(
                "| %s | %.3f | %.3f | %.3f | %.2f | %.2f | %.1f, %.1f, %.1f, %.1f, %.1f, %.1f | %.0f, %.0f, %.0f, %.0f | %.0f (%.0f) | %s |\n",
                name,
                figure.of(RunResult::last),
                figure.of(RunResult::first),
                figure.of(RunResult::originCopies),
                figure.of(RunResult::seedUpCopies),
                figure.of(RunResult::busiestPeerUpCopies),
                figure.of(run -> run.process(Cluster.SEED).cpuSeconds()),
                figure.of(run -> run.peerMean(ProcessUse::cpuSeconds)),
                figure.of(run -> run.process(Cluster.SCHEDULER).cpuSeconds()),
                figure.of(run -> run.process(Cluster.MANAGER).cpuSeconds()),
                figure.of(run -> run.process(Cluster.ORIGIN).cpuSeconds()),
                figure.of(run -> run.process("driver").cpuSeconds()),
                figure.of(run -> run.process(Cluster.SEED).peakMiB()),
                figure.of(run -> run.peerMean(ProcessUse::peakMiB)),
                figure.of(run -> run.process(Cluster.SCHEDULER).peakMiB()),
                figure.of(run -> run.process(Cluster.MANAGER).peakMiB()),
                figure.of(run -> run.cpuShare() * 100),
                figure.of(run -> run.ownCpuShare() * 100),
                remark);
    }

    private static String remark(RunResult run) {
        var remarks = new ArrayList<String>();
        if (run.cpuBound()) {
            remarks.add("cpu-bound");
        }
        if (run.failed() > 0) {
            remarks.add(run.failed() + " failed, " + run.wrong() + " of them with wrong bytes");
        }
        return String.join("; ", remarks);
    }

    private static String describe(Fault fault) {
        var at = fault.at();
        return fault.kind().text()
                + (fault.share() > 0 ? format(" %.0f %%", fault.share() * 100) : "")
                + (at.ofLimit()
                        ? format(" at %.0f %% of T*", at.value() * 100)
                        : format(" at %s s", plain(at.value())));
    }

    /** In the largest unit that leaves a whole number. */
    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value > 0 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }

    static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    @FormatMethod
    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
