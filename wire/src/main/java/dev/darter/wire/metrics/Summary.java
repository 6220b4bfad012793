package dev.darter.wire.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Count and sum of all observed values since the start, and quantiles of those of the last ten minutes, right to one per cent of the
 * value. Any thread may call it.
 */
public final class Summary {
    /** As long as upstream's library remembers, in as many steps. */
    private static final Duration STEP = Duration.ofMinutes(2);

    private static final int STEPS = 5;

    /** Bucket {@code i} holds values of ({@code GROWTH^(i-1)}, {@code GROWTH^i}]. */
    private static final double GROWTH = 1.02;

    private static final double LOG_GROWTH = Math.log(GROWTH);

    /** Everything that is not above zero. */
    private static final int ZERO_BUCKET = Integer.MIN_VALUE;

    private final List<Double> quantiles;
    private final InstantSource clock;

    @GuardedBy("this")
    private long count;

    @GuardedBy("this")
    private double sum;

    /** Newest last. */
    @GuardedBy("this")
    private final ArrayDeque<Window> windows = new ArrayDeque<>();

    private record Window(long number, TreeMap<Integer, Long> buckets) {}

    Summary(List<Double> quantiles, InstantSource clock) {
        this.quantiles = List.copyOf(quantiles);
        this.clock = clock;
    }

    public synchronized void observe(double value) {
        count++;
        sum += value;
        if (quantiles.isEmpty()) {
            return;
        }
        dropOld();
        long number = windowNumber();
        Window newest = windows.peekLast();
        if (newest == null || newest.number != number) {
            newest = new Window(number, new TreeMap<>());
            windows.addLast(newest);
        }
        int bucket = value > 0 ? (int) Math.ceil(Math.log(value) / LOG_GROWTH) : ZERO_BUCKET;
        newest.buckets.merge(bucket, 1L, Long::sum);
    }

    List<Double> quantiles() {
        return quantiles;
    }

    /** What one exposition shows. */
    record Snapshot(long count, double sum, List<Double> values) {}

    /** The values are those of {@link #quantiles}, NaN while nothing was observed lately. */
    synchronized Snapshot snapshot() {
        dropOld();
        var recent = new TreeMap<Integer, Long>();
        windows.forEach(window -> window.buckets.forEach((bucket, hits) -> recent.merge(bucket, hits, Long::sum)));
        long total = recent.values().stream().mapToLong(Long::longValue).sum();
        return new Snapshot(
                count,
                sum,
                quantiles.stream().map(quantile -> at(recent, quantile * total)).toList());
    }

    private static double at(SortedMap<Integer, Long> buckets, double rank) {
        long seen = 0;
        for (var bucket : buckets.entrySet()) {
            seen += bucket.getValue();
            if (seen >= rank) {
                return bucket.getKey() == ZERO_BUCKET ? 0 : Math.pow(GROWTH, bucket.getKey()) * 2 / (1 + GROWTH);
            }
        }
        return Double.NaN;
    }

    @GuardedBy("this")
    private void dropOld() {
        long oldest = windowNumber() - STEPS + 1;
        while (!windows.isEmpty() && windows.getFirst().number < oldest) {
            windows.removeFirst();
        }
    }

    private long windowNumber() {
        return clock.millis() / STEP.toMillis();
    }
}
