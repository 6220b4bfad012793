package dev.darter.bench.sim;

import java.util.ArrayList;
import java.util.List;

/** One direction of a host's connection, or of the line between two places, in bytes a second. */
final class Link {
    final double capacity;
    final List<Flow> flows = new ArrayList<>();

    /** No flow here gets more than this; infinite while the link is not what holds them back. */
    double level = Double.POSITIVE_INFINITY;

    double used;
    double carried;
    boolean queued;

    Link(double capacity) {
        this.capacity = capacity;
    }

    boolean isOverfull() {
        return used > capacity * (1 + 1e-9);
    }

    /** Whether it holds flows back although there is room: what used it has gone. */
    boolean isSlack(double tolerance) {
        return level != Double.POSITIVE_INFINITY && used < capacity * (1 - tolerance);
    }
}
