package dev.darter.bench.sim;

import dev.darter.peer.choice.ParentRecord;
import java.util.BitSet;

/** One neighbour of one peer, as the peer sees it; the simulator's twin of the daemon's link. */
final class SimLink {
    final SimPeer owner;
    final SimPeer neighbour;
    final BitSet blocks = new BitSet();
    boolean heard;
    boolean handsOut;
    boolean closed;
    ParentRecord history = ParentRecord.NEW;
    int requests;
    int nextRequests;
    int overdue;
    long restsUntil;

    SimLink(SimPeer owner, SimPeer neighbour) {
        this.owner = owner;
        this.neighbour = neighbour;
    }

    boolean mayAsk(long now) {
        return heard && overdue == 0 && restsUntil <= now;
    }

    boolean mayAskNext(int most) {
        return heard && handsOut && nextRequests < most;
    }
}
