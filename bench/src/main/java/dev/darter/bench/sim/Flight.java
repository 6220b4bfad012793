package dev.darter.bench.sim;

/** One request of one peer at another: for a run of blocks, or for whatever the other hands out. */
final class Flight extends Flow {
    final Giving giving;
    final SimLink link;
    final boolean next;
    final long began;
    final long deadline;

    /** Of the block that comes now; for a hand-out, -1 until it is chosen. */
    int block;

    /** Blocks that are still to come, this one included. */
    int count;

    int first;
    int length;
    int came;
    boolean overdue;
    boolean ended;

    /** Whether the giver has taken it up and gives it a place. */
    boolean flowing;

    /** Whether only what the kernel buffers is left. */
    boolean draining;

    int buffered;

    Flight(Giving giving, SimLink link, boolean next, int first, int count, long began, long deadline, Link... path) {
        super(path);
        this.giving = giving;
        this.link = link;
        this.next = next;
        this.first = first;
        this.block = first;
        this.count = count;
        this.length = count;
        this.began = began;
        this.deadline = deadline;
    }

    @Override
    void happen() {
        giving.happened(this);
    }

    @Override
    void ended() {
        giving.ended(this);
    }

    boolean isSingle(int number) {
        return !next && length == 1 && first == number;
    }

    boolean covers(int number) {
        return !next && number >= first && number < first + length;
    }
}
