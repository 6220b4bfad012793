package dev.darter.bench.sim;

/** Bytes on their way over some links, as a fluid. What it carries is its owner's business. */
abstract class Flow extends Event {
    final Link[] path;
    /** Numbers of the links on its path. */
    final int[] ends;

    /** Its place on each. */
    final int[] slots;

    double rate;
    double left;

    /** Since it was stopped or started last. */
    double carried;

    long updatedAt;

    /** When it ends if no rate changes, in nanoseconds; listed sooner than that it is listed once more. */
    long endsAt = Events.NEVER;

    Flow(Link... path) {
        this.path = path;
        this.slots = new int[path.length];
        this.ends = new int[path.length];
        for (int i = 0; i < path.length; i++) {
            ends[i] = path[i].number;
        }
    }

    /** All of it has been carried: to be stopped, or to go on with more. */
    abstract void ended();
}
