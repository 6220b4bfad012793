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

/** Names neighbours: a bounded sample of all who are there, and always whoever brings the content in, put to the scheduler's own policy. */
final class SimScheduler {
    /** As the scheduler's. */
    private static final int VIEW = 64;

    /** As the scheduler's: a peer with so many parents that have something is not looked at again. */
    private static final int ENOUGH_PARENTS = 6;

    private static final int DEPTH = 5;
    private static final int BLOCKS_PER_PIECE = 16;
    private static final int UPLOADS = 200;
    private static final Duration NEVER = Duration.ofHours(1);
    private static final int V1_PARENTS = 4;

    private final Scheduling policy = new Scheduling(NEVER, NEVER);
    private final RandomGenerator random;
    private final List<SimPeer> candidates = new ArrayList<>();
    private final List<SimPeer> seeds = new ArrayList<>();
    private final Set<SimPeer> waiting = new LinkedHashSet<>();

    /** How many peers of each place are fed from elsewhere. */
    private final Map<Integer, Integer> crossings = new HashMap<>();

    SimScheduler(RandomGenerator random) {
        this.random = random;
    }

    void add(SimPeer peer) {
        peer.place = candidates.size();
        candidates.add(peer);
        if (peer.isSeed()) {
            seeds.add(peer);
        }
    }

    void remove(SimPeer peer) {
        waiting.remove(peer);
        if (peer.place < 0) {
            return;
        }
        noteCrossing(peer, false);
        link(peer, List.of());
        SimPeer last = candidates.removeLast();
        if (last != peer) {
            candidates.set(peer.place, last);
            last.place = peer.place;
        }
        peer.place = -1;
    }

    /** Whether it has all the parents that it needs. */
    boolean isServed(SimPeer peer) {
        int useful = 0;
        for (SimPeer parent : peer.parents) {
            useful += parent.isSeed() || parent.stored >= BLOCKS_PER_PIECE ? 1 : 0;
        }
        return useful >= ENOUGH_PARENTS;
    }

    List<SimPeer> choose(SimPeer peer, boolean seedComplete) {
        if (peer.place < 0) {
            return List.of();
        }
        var byId = HashMap.<PeerId, SimPeer>newHashMap(VIEW);
        var described = new ArrayList<Candidate>();
        for (SimPeer other : view(peer)) {
            if (other != peer && other.place >= 0) {
                byId.put(other.id, other);
                described.add(describe(other, peer, seedComplete));
            }
        }
        waiting.remove(peer);
        List<SimPeer> parents = switch (policy.choose(asker(peer), described, V1_PARENTS)) {
            case Schedule.Parents(var chosen) ->
                chosen.stream().map(id -> Objects.requireNonNull(byId.get(id))).toList();
            case Schedule.BackToSource _, Schedule.Wait _, Schedule.GiveUp _ -> List.of();
        };
        link(peer, parents);
        if (parents.isEmpty()) {
            waiting.add(peer);
        }
        noteCrossing(peer, peer.parents.stream().anyMatch(parent -> parent.location != peer.location));
        return parents;
    }

    private static void link(SimPeer peer, List<SimPeer> parents) {
        peer.parents.forEach(parent -> parent.children--);
        parents.forEach(parent -> parent.children++);
        peer.parents = parents;
    }

    /** It has all of the task and needs nobody any more. */
    void finished(SimPeer peer) {
        link(peer, List.of());
    }

    private Set<SimPeer> view(SimPeer peer) {
        var view = new LinkedHashSet<SimPeer>(peer.parents);
        int size = candidates.size();
        if (size <= VIEW) {
            view.addAll(candidates);
            return view;
        }
        var drawn = new LinkedHashSet<SimPeer>(seeds);
        while (drawn.size() < VIEW) {
            drawn.add(candidates.get(random.nextInt(size)));
        }
        view.addAll(drawn);
        return view;
    }

    private void noteCrossing(SimPeer peer, boolean crosses) {
        if (crosses != peer.crosses) {
            peer.crosses = crosses;
            crossings.merge(peer.location, crosses ? 1 : -1, Integer::sum);
        }
    }

    /** A peer of ours while the seed has the task, which nobody else reads at the source. */
    private Asker asker(SimPeer peer) {
        int others = crossings.getOrDefault(peer.location, 0) - (peer.crosses ? 1 : 0);
        return new Asker(peer.id, true, false, Duration.ZERO, true, false, true, false, false, Duration.ZERO, others);
    }

    /** Those that were named nobody: they are asked again when anybody appears. */
    List<SimPeer> waiting() {
        return List.copyOf(waiting);
    }

    private static Candidate describe(SimPeer other, SimPeer child, boolean seedComplete) {
        boolean near = other.location == child.location;
        return new Candidate(
                other.id,
                other.stored / BLOCKS_PER_PIECE,
                other.isSeed() ? seedComplete : other.isComplete(),
                other.isSeed() && !seedComplete,
                !other.parents.isEmpty(),
                other.isSeed(),
                true,
                other.children - (child.parents.contains(other) ? 1 : 0),
                UPLOADS,
                UPLOADS,
                1,
                near,
                near ? DEPTH : 0,
                !near);
    }
}
