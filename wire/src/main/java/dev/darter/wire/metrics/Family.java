package dev.darter.wire.metrics;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Series of one name, told apart by label values; a series exists from its first use on. Label values may come from the network, so a
 * family holds a bounded number of series: further ones are counted together, with {@value #OTHER} for every label. Any thread may
 * call it.
 */
public final class Family<S> {
    /** What the labels of the series that counts for all beyond the bound say. */
    public static final String OTHER = "other";

    static final int MAX_SERIES = 2000;

    private final String name;
    private final List<String> labels;
    private final Supplier<S> newSeries;
    private final Map<List<String>, S> series = new ConcurrentHashMap<>();

    Family(String name, List<String> labels, Supplier<S> newSeries) {
        this.name = name;
        this.labels = List.copyOf(labels);
        this.newSeries = newSeries;
    }

    /**
     * The series with these label values, in the order in which the family's labels were given.
     *
     * @throws IllegalArgumentException if there are not as many values as labels
     */
    public S with(String... values) {
        var key = List.of(values);
        if (key.size() != labels.size()) {
            throw new IllegalArgumentException(
                    name + ": " + key.size() + " label values (expected: " + labels.size() + " for " + labels + ")");
        }
        S known = series.get(key);
        if (known != null) {
            return known;
        }
        // Two threads may overshoot the bound by one series each: it guards memory, not an exact number.
        var bounded = series.size() < MAX_SERIES ? key : Collections.nCopies(labels.size(), OTHER);
        return series.computeIfAbsent(bounded, _ -> newSeries.get());
    }

    List<String> labels() {
        return labels;
    }

    Map<List<String>, S> series() {
        return Map.copyOf(series);
    }
}
