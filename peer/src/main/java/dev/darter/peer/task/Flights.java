package dev.darter.peer.task;

import dev.darter.core.Block;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The requests of one download to its neighbours that are open, and the blocks that they are to bring. For one thread. */
final class Flights {
    private final Set<Flight> open = new LinkedHashSet<>();

    /** Blocks that somebody is fetching, without those that are overdue. */
    private final BitSet blocks = new BitSet();

    boolean isEmpty() {
        return open.isEmpty();
    }

    void add(Flight flight) {
        open.add(flight);
        flight.run().forEach(block -> blocks.set(block.number()));
    }

    void remove(Flight flight) {
        open.remove(flight);
        if (flight.isPromising()) {
            for (Block block : flight.run()) {
                if (!isFetchedByOthers(block.number(), flight)) {
                    blocks.clear(block.number());
                }
            }
        }
    }

    /** A block came, whatever became of it. */
    void came(int block) {
        blocks.clear(block);
    }

    /** A block that another request brings, too, is still on its way by that. */
    void leaveToOthers(int block, Flight flight) {
        if (isFetchedByOthers(block, flight)) {
            blocks.set(block);
        }
    }

    private boolean isFetchedByOthers(int block, Flight flight) {
        return open.stream().anyMatch(other -> other != flight && other.covers(block));
    }

    /** Blocks that are on their way. */
    BitSet blocks() {
        return blocks;
    }

    /** Whether any request is open for a block of these, overdue or not. */
    boolean isBeingFetched(int first, int end) {
        return open.stream()
                .flatMap(flight -> flight.run().stream())
                .anyMatch(block -> block.number() >= first && block.number() < end);
    }

    /** Requests by number that are not overdue. */
    int requests() {
        int promising = 0;
        for (Flight flight : open) {
            promising += flight.isPromising() ? 1 : 0;
        }
        return promising;
    }

    /** Those for a single block that fewer than {@code most} fetch, oldest first. */
    List<Flight> mayBeRaced(int most) {
        return open.stream()
                .filter(flight -> flight.isPromising() && flight.run().size() == 1)
                .filter(flight -> racers(flight.run().getFirst().number()) < most)
                .toList();
    }

    private long racers(int block) {
        return open.stream().filter(flight -> flight.isFor(block)).count();
    }

    /** Breaks off all others that fetch just this block. */
    void stopOthersFor(int block, Flight winner) {
        stop(flight -> flight != winner && flight.isFor(block));
    }

    void stopAllOf(MeshLink link) {
        stop(flight -> flight.link() == link);
    }

    void stopAll() {
        stop(_ -> true);
    }

    private void stop(Predicate<Flight> which) {
        List.copyOf(open).stream().filter(which).forEach(Flight::stop);
    }

    /** Looks for requests that take too long. */
    void lookAtClocks(long now) {
        for (Flight flight : open) {
            if (flight.isPromising() && now - flight.deadline() >= 0) {
                flight.overdue();
                flight.run().forEach(block -> blocks.clear(block.number()));
            }
        }
    }

    /** Nanoseconds until one of them is overdue; empty when none will be. */
    Optional<Long> nanosToDeadline(long now) {
        return open.stream()
                .filter(Flight::isPromising)
                .map(flight -> flight.deadline() - now)
                .min(Long::compare);
    }
}
