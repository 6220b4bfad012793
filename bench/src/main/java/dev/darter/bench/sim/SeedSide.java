package dev.darter.bench.sim;

import dev.darter.core.BlockRange;
import dev.darter.peer.choice.FirstCopies;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Predicate;

/** The seed as the giver of first copies: who asks for whatever comes waits in line for it. */
final class SeedSide {
    /** How often it looks for something to tell, as the daemon does while it hands out. */
    static final long LOOK = 200_000_000;

    private static final BitSet NOTHING = new BitSet();

    private final SimPeer seed;
    private final Events events;
    private final int blocks;
    private final Predicate<Flight> give;
    private final FirstCopies copies = new FirstCopies();
    private final ArrayDeque<Flight> line = new ArrayDeque<>();
    private final BitSet told = new BitSet();
    private boolean toldOver;

    /** @param give sends a block; false when it cannot */
    SeedSide(SimPeer seed, Events events, int blocks, Predicate<Flight> give) {
        this.seed = seed;
        this.events = events;
        this.blocks = blocks;
        this.give = give;
    }

    boolean isComplete() {
        return seed.stored == blocks;
    }

    boolean handsOut() {
        return !isComplete() || !copies.isOver(seed.have.toBitSet(), events.now());
    }

    SimPeer seed() {
        return seed;
    }

    boolean toldAll() {
        return toldOver && told.cardinality() == blocks;
    }

    /** @return false when everything was given */
    boolean ask(Flight flight) {
        if (!handsOut()) {
            return false;
        }
        long pause = copies.passesOver(child(flight), flight.link.owner.stored, 0, events.now());
        if (pause > 0) {
            events.at(events.now() + pause, () -> flight.giving.arrive(flight));
            return true;
        }
        line.add(flight);
        serve();
        return true;
    }

    /** Gives what can be given, in the order in which was asked. The daemon lets a child ask again every second; that changes nothing. */
    void serve() {
        while (!line.isEmpty()) {
            Flight flight = line.peek();
            if (flight.ended) {
                line.remove();
                continue;
            }
            Optional<BlockRange> next =
                    copies.next(child(flight), seed.have.toBitSet(), NOTHING, 1, _ -> true, events.now());
            if (next.isEmpty()) {
                return;
            }
            line.remove();
            flight.first = next.get().first();
            flight.block = next.get().first();
            if (!give.test(flight)) {
                takeBack(flight);
            }
        }
    }

    void sent(Flight flight) {
        copies.sent(flight.first, events.now());
    }

    private static String child(Flight flight) {
        return flight.link.owner.id.value();
    }

    /** A child went before it had all of it. */
    void takeBack(Flight flight) {
        copies.takeBack(flight.first);
    }

    /** What children are told of since the last time; empty when nothing changed. */
    Optional<BlockSet> news() {
        BitSet fresh = seed.have.toBitSet();
        fresh.andNot(told);
        boolean over = !handsOut();
        if (!over) {
            copies.keepBack(fresh, events.now());
        }
        boolean changed = over != toldOver || !fresh.isEmpty();
        toldOver = over;
        told.or(fresh);
        return changed ? Optional.of(BlockSet.of(fresh, blocks)) : Optional.empty();
    }
}
