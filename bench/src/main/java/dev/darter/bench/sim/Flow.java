package dev.darter.bench.sim;

/** Bytes on their way over some links, as a fluid. What it carries is its owner's business. */
class Flow {
    final long number;
    final Link[] path;
    final int[] slots;
    double rate;
    double left;
    long updatedAt;
    long endsAt = Events.NEVER;

    /** In the heap of events; -1 when it does not flow. */
    int place = -1;

    /** @param number breaks ties, so that a run can be repeated */
    Flow(long number, Link... path) {
        this.number = number;
        this.path = path;
        this.slots = new int[path.length];
    }
}
