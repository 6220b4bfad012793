package dev.darter.bench.lab;

import java.util.List;

/**
 * What became of one peer's download.
 *
 * @param counts whether the run is judged by it: not for victims of a fault, nor for a peer that is slow on purpose
 * @param start of its request, in seconds after the run's first
 * @param end its output complete and renamed, in seconds after the run's first request; when it gave up, if it failed
 * @param message why it failed; empty unless it did
 * @param local bytes that were on its host before
 * @param peer bytes from other peers
 * @param origin bytes it read from the origin itself
 * @param curve in order
 */
record PeerResult(
        String name,
        boolean counts,
        double start,
        double end,
        Outcome outcome,
        String message,
        long local,
        long peer,
        long origin,
        List<Point> curve) {
    /** What "the first MiB" is. */
    static final long FIRST_BYTES = 1 << 20;

    /** How it ended. */
    enum Outcome {
        DONE,
        FAILED,
        /** It said that it was done, and the output is not the origin's file. */
        WRONG
    }

    /**
     * So many bytes were there at some time.
     *
     * @param seconds after the run's first request
     */
    record Point(double seconds, long bytes) {}

    PeerResult {
        curve = List.copyOf(curve);
    }

    /**
     * Seconds from its request until the first MiB was there; NaN if it never was. Of the content's beginning only where the content was read
     * in order.
     */
    double firstMiB() {
        return curve.stream()
                        .filter(point -> point.bytes() >= FIRST_BYTES)
                        .mapToDouble(Point::seconds)
                        .findFirst()
                        .orElse(Double.NaN)
                - start;
    }

    PeerResult wrong() {
        return new PeerResult(
                name, counts, start, end, Outcome.WRONG, "not the origin's bytes", local, peer, origin, curve);
    }
}
