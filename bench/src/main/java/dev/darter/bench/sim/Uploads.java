package dev.darter.bench.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** What one host sends at a time of one kind, and who waits for it. */
final class Uploads {
    private final int most;
    private final int longestQueue;
    final List<Flight> open = new ArrayList<>();
    final ArrayDeque<Flight> waiting = new ArrayDeque<>();

    Uploads(int most, int longestQueue) {
        this.most = most;
        this.longestQueue = longestQueue;
    }

    boolean isFree() {
        return open.size() < most;
    }

    /** @return false when too many wait */
    boolean await(Flight flight) {
        return waiting.size() < longestQueue && waiting.add(flight);
    }
}
