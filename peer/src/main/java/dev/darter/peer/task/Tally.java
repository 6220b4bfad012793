package dev.darter.peer.task;

import java.util.concurrent.atomic.LongAdder;

/** Counts the bytes of one download by where they came from. Any thread may call it. */
final class Tally {
    private final LongAdder local = new LongAdder();
    private final LongAdder peer = new LongAdder();
    private final LongAdder origin = new LongAdder();

    void local(long bytes) {
        local.add(bytes);
    }

    void peer(long bytes) {
        peer.add(bytes);
    }

    void origin(long bytes) {
        origin.add(bytes);
    }

    BytesBySource now() {
        return new BytesBySource(local.sum(), peer.sum(), origin.sum());
    }
}
