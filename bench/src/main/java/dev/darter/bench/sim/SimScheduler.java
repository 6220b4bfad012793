package dev.darter.bench.sim;

import dev.darter.core.PeerId;
import dev.darter.scheduler.scheduling.Asker;
import dev.darter.scheduler.scheduling.Candidate;
import dev.darter.scheduler.scheduling.Schedule;
import dev.darter.scheduler.scheduling.Scheduling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Names neighbours: a bounded sample of all who are there, put to the scheduler's own policy. */
final class SimScheduler {
    /** As the scheduler's. */
    private static final int VIEW = 64;

    private static final int DEPTH = 5;
    private static final int BLOCKS_PER_PIECE = 16;
    private static final int UPLOADS = 200;
    private static final Duration NEVER = Duration.ofHours(1);
    private static final int V1_PARENTS = 4;

    private final Scheduling policy = new Scheduling(NEVER, NEVER);
    private final RandomGenerator random;
    private final List<SimPeer> candidates = new ArrayList<>();
    private final Set<SimPeer> waiting = new LinkedHashSet<>();
    private final Map<SimPeer, Known> known = new HashMap<>();

    /** How many peers of each place are fed from elsewhere. */
    private final Map<Integer, Integer> crossings = new HashMap<>();

    private static final class Known {
        private final PeerId id;
        private int place;
        private List<SimPeer> parents = List.of();
        private boolean crosses;

        Known(PeerId id, int place) {
            this.id = id;
            this.place = place;
        }
    }

    SimScheduler(RandomGenerator random) {
        this.random = random;
    }

    void add(SimPeer peer) {
        known.put(peer, new Known(new PeerId("peer" + peer.number), candidates.size()));
        candidates.add(peer);
    }

    void remove(SimPeer peer) {
        waiting.remove(peer);
        Known gone = known.remove(peer);
        if (gone == null) {
            return;
        }
        noteCrossing(peer, gone, false);
        SimPeer last = candidates.removeLast();
        if (last != peer) {
            candidates.set(gone.place, last);
            var moved = known.get(last);
            if (moved != null) {
                moved.place = gone.place;
            }
        }
    }

    List<SimPeer> choose(SimPeer peer, boolean seedComplete) {
        Known self = known.get(peer);
        if (self == null) {
            return List.of();
        }
        var view = new LinkedHashSet<SimPeer>(self.parents);
        int size = candidates.size();
        if (size <= VIEW) {
            view.addAll(candidates);
        } else {
            var drawn = new LinkedHashSet<SimPeer>();
            while (drawn.size() < VIEW) {
                drawn.add(candidates.get(random.nextInt(size)));
            }
            view.addAll(drawn);
        }
        var byId = new HashMap<PeerId, SimPeer>();
        var described = new ArrayList<Candidate>();
        for (SimPeer other : view) {
            Known there = known.get(other);
            if (other != peer && there != null) {
                byId.put(there.id, other);
                described.add(describe(there.id, other, peer, seedComplete, !there.parents.isEmpty()));
            }
        }
        waiting.remove(peer);
        self.parents = switch (policy.choose(asker(peer, self), described, V1_PARENTS)) {
            case Schedule.Parents(var chosen) ->
                chosen.stream().map(id -> Objects.requireNonNull(byId.get(id))).toList();
            case Schedule.BackToSource _, Schedule.Wait _, Schedule.GiveUp _ -> List.of();
        };
        if (self.parents.isEmpty()) {
            waiting.add(peer);
        }
        noteCrossing(peer, self, self.parents.stream().anyMatch(parent -> parent.location != peer.location));
        return self.parents;
    }

    private void noteCrossing(SimPeer peer, Known self, boolean crosses) {
        if (crosses != self.crosses) {
            self.crosses = crosses;
            crossings.merge(peer.location, crosses ? 1 : -1, Integer::sum);
        }
    }

    /** A peer of ours while the seed has the task, which nobody else reads at the source. */
    private Asker asker(SimPeer peer, Known self) {
        int others = crossings.getOrDefault(peer.location, 0) - (self.crosses ? 1 : 0);
        return new Asker(self.id, true, false, Duration.ZERO, true, false, true, false, false, Duration.ZERO, others);
    }

    /** Those that were named nobody: they are asked again when anybody appears. */
    List<SimPeer> waiting() {
        return List.copyOf(waiting);
    }

    private static Candidate describe(PeerId id, SimPeer other, SimPeer child, boolean seedComplete, boolean fed) {
        boolean near = other.location == child.location;
        return new Candidate(
                id,
                other.stored / BLOCKS_PER_PIECE,
                other.isSeed() ? seedComplete : other.isComplete(),
                other.isSeed() && !seedComplete,
                fed,
                other.isSeed(),
                true,
                UPLOADS,
                UPLOADS,
                1,
                near,
                near ? DEPTH : 0,
                !near);
    }
}
