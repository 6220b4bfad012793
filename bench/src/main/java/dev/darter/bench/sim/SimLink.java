package dev.darter.bench.sim;

import dev.darter.peer.choice.ParentRecord;

/** One neighbour of one peer, as the peer sees it; the simulator's twin of the daemon's link. What the neighbour has told stands with the neighbour. */
final class SimLink {
    final SimPeer owner;
    final SimPeer neighbour;

    /** Whether it followed first. */
    final boolean called;

    /** Among the neighbours of its owner. */
    int place;

    boolean heard;
    boolean handsOut;
    boolean closed;
    int requests;
    int nextRequests;
    int overdue;
    long restsUntil;
    double bytesPerSecond;

    SimLink(SimPeer owner, SimPeer neighbour, boolean called) {
        this.owner = owner;
        this.neighbour = neighbour;
        this.called = called;
    }

    boolean isFar() {
        return owner.location != neighbour.location;
    }

    boolean isIdle() {
        return requests == 0 && nextRequests == 0;
    }

    boolean mayAskNext(int most) {
        return heard && handsOut && nextRequests < most;
    }

    void gave(long bytes, long nanos) {
        bytesPerSecond = new ParentRecord(bytesPerSecond, 0).gave(bytes, nanos).bytesPerSecond();
    }
}
