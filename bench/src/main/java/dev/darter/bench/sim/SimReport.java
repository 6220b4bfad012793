package dev.darter.bench.sim;

import com.google.errorprone.annotations.FormatMethod;
import dev.darter.bench.lab.Curves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;

/** Says what the scenarios showed: a table for people, an object for programs, curves. */
final class SimReport {
    static final String HEAD =
            "| peers | content | mesh | policy | T\\*, s | last ÷ T\\* | median ÷ T\\* | first ÷ T\\* | seed sent, F | busiest peer sent, F"
                    + " | wasted, % | refused, % | crossed lines, F | unfinished | took |\n"
                    + "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

    private SimReport() {}

    static String row(SimResult result, Duration took) {
        Scenario scenario = result.scenario();
        var bytes = result.bytes();
        return format(
                "| %d%s | %d × %d KiB | %d links, %d requests, %d uploads, queue of %d | %s | %.2f | %.3f | %.3f | %.3f | %.2f | %.2f | %.1f | %.0f | %s | %d | %.0f s |\n",
                scenario.peers(),
                remarks(scenario),
                scenario.blocks(),
                scenario.blockBytes() >> 10,
                scenario.rules().mostLinks(),
                scenario.rules().mostRequests(),
                scenario.rules().openUploads(),
                scenario.rules().longestQueue(),
                scenario.policy().text(),
                result.limit(),
                result.last(),
                result.median(),
                result.first(),
                result.copies(bytes.seedSent()),
                result.copies(bytes.busiestSent()),
                100 * bytes.wasted() / Math.max(1, bytes.sent()),
                100.0 * result.refused() / Math.max(1, result.transfers()),
                scenario.locations() > 1 ? format("%.2f", result.copies(bytes.crossed())) : "–",
                result.unfinished(),
                took.toMillis() / 1000.0);
    }

    private static String remarks(Scenario scenario) {
        var text = new StringBuilder();
        scenario.slow()
                .forEach(slow -> text.append(format(", %.0f %% at %s Mbit/s", slow.share() * 100, plain(slow.mbit()))));
        if (scenario.seedMbit() != scenario.mbit()) {
            text.append(format(", seed %s Mbit/s", plain(scenario.seedMbit())));
        }
        if (scenario.originMbit() != scenario.mbit()) {
            text.append(format(", origin %s Mbit/s", plain(scenario.originMbit())));
        }
        if (scenario.stagger().isPositive()) {
            text.append(format(", staggered by %s s", plain(scenario.stagger().toMillis() / 1000.0)));
        }
        scenario.leaves()
                .forEach(leave -> text.append(
                        format(", %.0f %% go at %.0f %% of T\\*", leave.share() * 100, leave.atLimit() * 100)));
        if (scenario.locations() > 1) {
            text.append(format(", %d places, %s Mbit/s between", scenario.locations(), plain(scenario.thinMbit())));
        }
        return text.toString();
    }

    static String title(Scenario scenario) {
        return format(
                "%d peers%s: %d blocks of %d KiB, links %s Mbit/s, cold, simulated",
                scenario.peers(),
                remarks(scenario).replace("\\", ""),
                scenario.blocks(),
                scenario.blockBytes() >> 10,
                plain(scenario.mbit()));
    }

    static String svg(SimResult result) {
        return Curves.svg(
                title(result.scenario()),
                result.limit(),
                List.of(
                        line("the last peer", result, SimResult.Sample::least),
                        line("90 % of the peers have more", result, SimResult.Sample::tenth),
                        line("the median", result, SimResult.Sample::half),
                        line("10 % of the peers have more", result, SimResult.Sample::ninth),
                        line("the first peer", result, SimResult.Sample::most)));
    }

    private static Curves.Line line(String name, SimResult result, ToDoubleFunction<SimResult.Sample> share) {
        return new Curves.Line(
                name,
                false,
                result.samples().stream()
                        .map(sample -> new Curves.Point(sample.seconds(), share.applyAsDouble(sample)))
                        .toList());
    }

    static String json(List<SimResult> results) {
        var all = new ArrayList<Map<String, Object>>();
        for (SimResult result : results) {
            var object = new LinkedHashMap<String, Object>();
            object.put("title", title(result.scenario()));
            object.put("limitSeconds", result.limit());
            object.put("last", result.last());
            object.put("median", result.median());
            object.put("first", result.first());
            object.put("unfinished", result.unfinished());
            object.put("transfers", result.transfers());
            object.put("refused", result.refused());
            object.put("events", result.events());
            object.put("bytes", result.bytes());
            object.put("scenario", result.scenario());
            object.put("samples", result.samples());
            all.add(object);
        }
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
    }

    static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    @FormatMethod
    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
