package dev.darter.wire.metrics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes families as text. Labels are sorted by name, a summary's quantile comes last, numbers are spelled with the fewest digits that
 * tell them apart and an exponent from a million on: all as upstream's library does it. Source: Prometheus' text format 0.0.4.
 */
final class Exposition {
    /** From here on upstream's library writes an exponent. */
    private static final int PLAIN_DIGITS = 6;

    private static final int PLAIN_ZEROS = -4;

    private final StringBuilder out = new StringBuilder(4096);

    private Exposition() {}

    static String of(Collection<MetricRegistry.Exposed> families) {
        var exposition = new Exposition();
        families.forEach(exposition::append);
        return exposition.out.toString();
    }

    private void append(MetricRegistry.Exposed exposed) {
        var series = exposed.family().series();
        if (series.isEmpty()) {
            return; // upstream's library does not mention a family before its first series
        }
        out.append("# HELP ").append(exposed.name()).append(' ').append(escape(exposed.help(), false));
        out.append('\n');
        out.append("# TYPE ")
                .append(exposed.name())
                .append(' ')
                .append(exposed.kind().wireName());
        out.append('\n');
        var labels = exposed.family().labels();
        int[] byName = IntStream.range(0, labels.size())
                .boxed()
                .sorted(Comparator.comparing(labels::get))
                .mapToInt(Integer::intValue)
                .toArray();
        record Line(String labels, Object series) {}
        var lines = new ArrayList<Line>();
        series.forEach((values, one) -> lines.add(new Line(join(labels, values, byName), one)));
        lines.sort(Comparator.comparing(Line::labels));
        for (Line line : lines) {
            switch (line.series) {
                case Counter counter -> value(exposed.name(), line.labels, number(counter.value()));
                case Gauge gauge -> value(exposed.name(), line.labels, number(gauge.value()));
                case MetricRegistry.Sampled sampled ->
                    value(exposed.name(), line.labels, number(sampled.source().getAsDouble()));
                case Summary summary -> summary(exposed.name(), line.labels, summary);
                case MetricRegistry.SampledSummary summary -> summary(exposed.name(), summary);
                default -> throw new IllegalStateException("series: " + line.series.getClass());
            }
        }
    }

    private void summary(String name, String labels, Summary summary) {
        var snapshot = summary.snapshot();
        for (int i = 0; i < summary.quantiles().size(); i++) {
            String quantile = "quantile=\"" + number(summary.quantiles().get(i)) + '"';
            value(
                    name,
                    labels.isEmpty() ? quantile : labels + ',' + quantile,
                    number(snapshot.values().get(i)));
        }
        value(name + "_sum", labels, number(snapshot.sum()));
        value(name + "_count", labels, number(snapshot.count()));
    }

    private void summary(String name, MetricRegistry.SampledSummary summary) {
        for (double quantile : MetricRegistry.SampledSummary.QUANTILES) {
            value(name, "quantile=\"" + number(quantile) + '"', number(Double.NaN));
        }
        value(name + "_sum", "", number(summary.sum().getAsDouble()));
        value(name + "_count", "", number(summary.count().getAsDouble()));
    }

    private void value(String name, String labels, String number) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(number).append('\n');
    }

    private static String join(List<String> labels, List<String> values, int[] order) {
        var joined = new StringBuilder();
        for (int i : order) {
            joined.append(joined.isEmpty() ? "" : ",").append(labels.get(i)).append("=\"");
            joined.append(escape(values.get(i), true)).append('"');
        }
        return joined.toString();
    }

    private static String escape(String text, boolean quoted) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? escaped.replace("\"", "\\\"") : escaped;
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return "0";
        }
        var exact = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        String sign = value < 0 ? "-" : "";
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= PLAIN_ZEROS && exponent < PLAIN_DIGITS) {
            return sign + exact.toPlainString();
        }
        String digits = exact.unscaledValue().toString();
        String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return sign + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e" + power;
    }
}
