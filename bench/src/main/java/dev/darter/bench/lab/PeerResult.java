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

    PeerResult wrong() {
        return new PeerResult(
                name, counts, start, end, Outcome.WRONG, "not the origin's bytes", local, peer, origin, curve);
    }
}
