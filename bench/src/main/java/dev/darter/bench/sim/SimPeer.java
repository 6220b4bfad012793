package dev.darter.bench.sim;

import dev.darter.core.PeerId;
import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Neighbourhood;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One host: what it has, whom it follows, who follows it, what it asks for and what it gives. */
final class SimPeer {
    static final int SEED = -1;

    final int number;
    final PeerId id;
    final int location;
    final boolean counts;
    final Link up;
    final Link down;
    final BlockChoice choice;

    // what it takes
    final BlockSet have;

    /** What is here or asked for. */
    final BlockSet covered;

    final Neighbours links = new Neighbours();

    /** Made anew when it begins. */
    Neighbourhood<SimPeer> neighbourhood;

    /** The one among them that hands out. */
    @Nullable
    SimLink bringer;

    final List<Flight> flights = new ArrayList<>();
    int numbered;

    /** The highest rate that any neighbour ever had, in bytes a second. */
    double fastest;

    int stored;
    boolean joined;
    long begunAt;
    boolean gone;
    double finishedAt = Double.NaN;
    boolean clockSet;
    boolean waking;

    // what it gives
    final List<SimPeer> followers = new ArrayList<>();

    /** By number, and first copies; who waits for one of those is not sent away, as it would only ask again. */
    final List<Uploads> uploads;

    /** Transfers that are over for the giver: what is left of them is in the kernel's hands. */
    final List<Flight> draining = new ArrayList<>();

    /** What those that follow have heard. All see the same set: one that comes new hears what the others did. */
    final BlockSet told;

    final BlockSet untold;
    long toldAt = Long.MIN_VALUE / 2;
    boolean newsDue;

    // what the scheduler knows of it
    /** Its place among the candidates; -1 while it is none. */
    int place = -1;

    List<SimPeer> parents = List.of();
    int children;
    boolean crosses;

    SimPeer(
            int number,
            int location,
            boolean counts,
            int blocks,
            Link up,
            Link down,
            BlockChoice choice,
            MeshRules rules) {
        this.number = number;
        this.id = new PeerId("peer" + number);
        this.location = location;
        this.counts = counts;
        this.up = up;
        this.down = down;
        this.choice = choice;
        this.neighbourhood = new Neighbourhood<>(rules, new SplittableRandom(number), 0);
        this.have = new BlockSet(blocks);
        this.covered = new BlockSet(blocks);
        this.told = new BlockSet(blocks);
        this.untold = new BlockSet(blocks);
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
