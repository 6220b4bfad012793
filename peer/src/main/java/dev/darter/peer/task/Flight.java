package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.peer.transfer.Breaker;
import java.util.List;

/** One request to a neighbour: for a run of blocks, or, with none named, for whatever it gives away. */
final class Flight {
    private final MeshLink link;
    private final List<Block> run;
    private final long began;
    private final long deadline;
    private boolean overdue;
    private long bytes;
    private final Breaker breaker = new Breaker();

    /**
     * Times are readings of a monotonic clock, in nanoseconds.
     *
     * @param deadline from which on it is overdue; does not count where no blocks are named
     */
    Flight(MeshLink link, List<Block> run, long began, long deadline) {
        this.link = link;
        this.run = run;
        this.began = began;
        this.deadline = deadline;
    }

    MeshLink link() {
        return link;
    }

    List<Block> run() {
        return run;
    }

    /** Whether it takes whatever comes. */
    boolean isForAny() {
        return run.isEmpty();
    }

    boolean isFor(int block) {
        return run.size() == 1 && run.getFirst().number() == block;
    }

    boolean covers(int block) {
        return run.stream().anyMatch(wanted -> wanted.number() == block);
    }

    long began() {
        return began;
    }

    long deadline() {
        return deadline;
    }

    boolean isOverdue() {
        return overdue;
    }

    void overdue() {
        overdue = true;
        link.overdue();
    }

    /** Whether blocks that it names are still to be expected of it. */
    boolean isPromising() {
        return !isForAny() && !overdue;
    }

    void brought(int more) {
        bytes += more;
    }

    long bytes() {
        return bytes;
    }

    Breaker breaker() {
        return breaker;
    }

    /** Breaks it off; its end is still told. */
    void stop() {
        breaker.breakOff();
    }
}
