package dev.darter.bench.lab;

import java.util.Collection;

/** What is said of several runs. */
public final class Statistics {
    private Statistics() {}

    /** The middle value; of an even number the mean of the two in the middle; NaN of none. */
    static double median(Collection<? extends Number> values) {
        double[] sorted =
                values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** The smallest value that at least that share of all does not exceed; NaN of none. */
    public static double percentile(Collection<? extends Number> values, double share) {
        double[] sorted =
                values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
