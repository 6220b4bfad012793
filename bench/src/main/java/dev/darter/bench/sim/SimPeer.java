package dev.darter.bench.sim;

import dev.darter.peer.choice.BlockChoice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** One host: what it has, whom it follows, who follows it, what it asks for and what it gives. */
final class SimPeer {
    static final int SEED = -1;

    final int number;
    final int location;
    final Link up;
    final Link down;
    final BlockChoice choice;

    // what it takes
    final BitSet have = new BitSet();
    final BitSet inFlight = new BitSet();
    final List<SimLink> links = new ArrayList<>();
    final List<Flight> flights = new ArrayList<>();
    int numbered;
    int stored;
    boolean joined;
    long begunAt;
    boolean gone;
    double finishedAt = Double.NaN;
    boolean clockSet;
    boolean waking;

    // what it gives
    final List<SimLink> followers = new ArrayList<>();
    final List<Flight> giving = new ArrayList<>();

    /** Transfers that are over for the giver: what is left of them is in the kernel's hands. */
    final List<Flight> draining = new ArrayList<>();

    final ArrayDeque<Flight> waiting = new ArrayDeque<>();
    final BitSet untold = new BitSet();
    long toldAt = Long.MIN_VALUE / 2;
    boolean newsDue;

    SimPeer(int number, int location, Link up, Link down, BlockChoice choice) {
        this.number = number;
        this.location = location;
        this.up = up;
        this.down = down;
        this.choice = choice;
    }

    boolean isSeed() {
        return number == SEED;
    }

    boolean isComplete() {
        return !Double.isNaN(finishedAt);
    }
}
