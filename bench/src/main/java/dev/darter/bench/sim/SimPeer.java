package dev.darter.bench.sim;

import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.MeshRules;
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

    /** By number, and first copies; who waits for one of those is not sent away, as it would only ask again. */
    final List<Uploads> uploads;

    /** Transfers that are over for the giver: what is left of them is in the kernel's hands. */
    final List<Flight> draining = new ArrayList<>();

    final BitSet untold = new BitSet();
    long toldAt = Long.MIN_VALUE / 2;
    boolean newsDue;

    SimPeer(int number, int location, Link up, Link down, BlockChoice choice, MeshRules rules) {
        this.number = number;
        this.location = location;
        this.up = up;
        this.down = down;
        this.choice = choice;
        this.uploads = List.of(
                new Uploads(rules.openUploads(), rules.longestQueue()),
                new Uploads(rules.openFirstCopies(), Integer.MAX_VALUE));
    }

    Uploads uploads(Flight flight) {
        return uploads.get(flight.next ? 1 : 0);
    }

    boolean isSeed() {
        return number == SEED;
    }

    boolean isComplete() {
        return !Double.isNaN(finishedAt);
    }
}
