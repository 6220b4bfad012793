package dev.darter.wire.metrics;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The metric families of one service. A family without labels shows its one series, zero, from its registration on. Any thread may
 * call it.
 */
public final class MetricRegistry {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private final InstantSource clock;
    private final ConcurrentSkipListMap<String, Exposed> families = new ConcurrentSkipListMap<>();

    private final List<MetricRegistry> included = new CopyOnWriteArrayList<>();
    private final List<Runnable> beforeExposition = new CopyOnWriteArrayList<>();

    /** A family with what its exposition needs. */
    record Exposed(String name, Kind kind, String help, List<Double> quantiles, Family<?> family) {
        String labels() {
            var labels = new ArrayList<>(family.labels().stream().sorted().toList());
            if (!quantiles.isEmpty()) {
                labels.add("quantile");
            }
            return labels.isEmpty() ? "-" : String.join(",", labels);
        }
    }

    enum Kind {
        COUNTER("counter"),
        GAUGE("gauge"),
        SUMMARY("summary");

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        String wireName() {
            return wireName;
        }
    }

    /** A value that somebody else keeps and that is read at every exposition. */
    record Sampled(DoubleSupplier source) {}

    /** Sum and count that somebody else keeps. */
    record SampledSummary(DoubleSupplier sum, DoubleSupplier count) {
        static final List<Double> QUANTILES = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
    }

    /** @param clock tells which observations are recent enough for a summary's quantiles */
    public MetricRegistry(InstantSource clock) {
        this.clock = clock;
    }

    public Counter counter(String name, String help) {
        return register(name, Kind.COUNTER, help, List.of(), Counter::new).with();
    }

    public Family<Counter> counter(String name, String help, List<String> labels) {
        return register(name, Kind.COUNTER, help, labels, Counter::new);
    }

    /** A counter that somebody else keeps. */
    public void sampledCounter(String name, String help, DoubleSupplier source) {
        var _ = register(name, Kind.COUNTER, help, List.of(), () -> new Sampled(source))
                .with();
    }

    public Gauge gauge(String name, String help) {
        return register(name, Kind.GAUGE, help, List.of(), Gauge::new).with();
    }

    public Family<Gauge> gauge(String name, String help, List<String> labels) {
        return register(name, Kind.GAUGE, help, labels, Gauge::new);
    }

    /** A gauge that somebody else keeps. */
    public void sampledGauge(String name, String help, DoubleSupplier source) {
        var _ = register(name, Kind.GAUGE, help, List.of(), () -> new Sampled(source))
                .with();
    }

    /** @param quantiles of the last ten minutes, each in 0..1; none for count and sum alone */
    public Summary summary(String name, String help, List<Double> quantiles) {
        return register(name, Kind.SUMMARY, help, quantiles, List.of(), () -> new Summary(quantiles, clock))
                .with();
    }

    /** @param quantiles of the last ten minutes, each in 0..1; none for count and sum alone */
    public Family<Summary> summary(String name, String help, List<Double> quantiles, List<String> labels) {
        return register(name, Kind.SUMMARY, help, quantiles, labels, () -> new Summary(quantiles, clock));
    }

    /** A summary that somebody else keeps, who does not tell quantiles. */
    void sampledSummary(String name, String help, DoubleSupplier sum, DoubleSupplier count) {
        var _ = register(
                        name,
                        Kind.SUMMARY,
                        help,
                        SampledSummary.QUANTILES,
                        List.of(),
                        () -> new SampledSummary(sum, count))
                .with();
    }

    /**
     * Shows the families of another registry here too, also those that it gets later.
     *
     * @throws IllegalArgumentException if both have a family of the same name
     */
    public void include(MetricRegistry other) {
        for (String name : other.families.keySet()) {
            if (families.containsKey(name)) {
                throw new IllegalArgumentException("metric name: " + name + " is registered already (expected: once)");
            }
        }
        included.add(other);
    }

    /** Runs {@code task} each time before the families are shown. */
    void beforeExposition(Runnable task) {
        beforeExposition.add(task);
    }

    /** All families by name in Prometheus' text format 0.0.4. */
    public String expose() {
        beforeExposition.forEach(Runnable::run);
        return Exposition.of(all().values());
    }

    /** One line a family, by name: name, type, labels joined by commas or {@code -}; what {@link #expose} may ever show. */
    public List<String> describe() {
        return all().values().stream()
                .map(exposed -> exposed.name() + " " + exposed.kind().wireName() + " " + exposed.labels())
                .toList();
    }

    private SortedMap<String, Exposed> all() {
        var all = new TreeMap<>(families);
        included.forEach(other -> all.putAll(other.all()));
        return all;
    }

    private <S> Family<S> register(String name, Kind kind, String help, List<String> labels, Supplier<S> newSeries) {
        return register(name, kind, help, List.of(), labels, newSeries);
    }

    private <S> Family<S> register(
            String name, Kind kind, String help, List<Double> quantiles, List<String> labels, Supplier<S> newSeries) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("metric name: " + name + " (expected: letters, digits, '_' and ':')");
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException(
                        "label of " + name + ": " + label + " (expected: letters, digits, '_')");
            }
        }
        var family = new Family<>(name, labels, newSeries);
        if (families.putIfAbsent(name, new Exposed(name, kind, help, quantiles, family)) != null) {
            throw new IllegalArgumentException("metric name: " + name + " is registered already (expected: once)");
        }
        return family;
    }
}
