package dev.darter.scheduler.announce;

import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.TaskType;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.scheduling.Asker;
import dev.darter.scheduler.scheduling.Candidate;
import dev.darter.scheduler.scheduling.Schedule;
import dev.darter.scheduler.scheduling.Scheduling;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.scheduler.swarm.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Brings peers and parents together: takes a bounded look at the task under its monitor, asks the policy, links, and tells the peer after
 * the monitor is free. A peer that gets nothing waits in its task; {@link #parentAppeared} and {@link #tick} come back to it.
 */
final class Matchmaker {
    /** Most candidates that one choice looks at. */
    private static final int VIEW = 64;

    /** Parents of a running peer are looked at again this often, when it reports a piece. */
    private static final Duration REFRESH = Duration.ofSeconds(1);

    private static final int LOCATION_DEPTH = 5;

    private final Swarm swarm;
    private final Scheduling scheduling;
    private final Supplier<ClusterConfig> cluster;
    private final RandomGenerator random;
    private final int backToSourceLimit;
    private final long sourceOpensAt;

    /** @param sourceOpensAt milliseconds before which no peer is sent to the source, since holders have yet to announce themselves */
    Matchmaker(
            Swarm swarm,
            Scheduling scheduling,
            Supplier<ClusterConfig> cluster,
            RandomGenerator random,
            int backToSourceLimit,
            long sourceOpensAt) {
        this.swarm = swarm;
        this.scheduling = scheduling;
        this.cluster = cluster;
        this.random = random;
        this.backToSourceLimit = backToSourceLimit;
        this.sourceOpensAt = sourceOpensAt;
    }

    void scheduleAll(List<Peer> peers) {
        peers.forEach(this::schedule);
    }

    /** Looks for parents for a running peer and tells it what was found, if anything. */
    void schedule(Peer peer) {
        Task task = peer.task();
        synchronized (task) {
            if (peer.state() == PeerState.RUNNING && peer.outbox().isPresent()) {
                decide(task, peer).ifPresent(peer::tell);
            }
        }
        peer.deliver();
    }

    /** Somebody has something to give: those that wait are first. */
    void parentAppeared(Task task) {
        scheduleAll(task.waiting());
    }

    /** A peer that has parents may have better ones by now; one that has none is not forgotten, it waits in its task. */
    void refresh(Peer peer) {
        Task task = peer.task();
        synchronized (task) {
            boolean due = peer.state() == PeerState.RUNNING
                    && !peer.parents().isEmpty()
                    && swarm.now() - peer.scheduledAt() >= REFRESH.toMillis()
                    && peer.outbox().isPresent();
            if (due) {
                peer.scheduled(swarm.now());
                var before = new LinkedHashSet<>(peer.parents());
                decide(task, peer)
                        .filter(notice -> !(notice instanceof Notice.Parents && before.equals(peer.parents())))
                        .ifPresent(peer::tell);
            }
        }
        peer.deliver();
    }

    /**
     * Comes back to all peers that wait: time alone may have changed what they get. And to those that report nothing: peers that began
     * together may have only each other, and then none of them would ever hear of who has something to give.
     */
    void tick() {
        for (Task task : swarm.tasks()) {
            scheduleAll(task.waiting());
        }
        swarm.peers().forEach(this::refresh);
    }

    /** Sends a peer away. */
    void giveUp(Peer peer, ErrorCode code, Optional<OriginFailure> origin) {
        Task task = peer.task();
        synchronized (task) {
            if (task.move(peer, PeerState.FAILED, swarm.now())) {
                peer.tell(new Notice.GiveUp(code, origin));
            }
        }
        peer.deliver();
    }

    void tell(Peer peer, Notice notice) {
        synchronized (peer.task()) {
            peer.tell(notice);
        }
        peer.deliver();
    }

    /** A peer that has all of the task, for a newcomer that needs one piece only. */
    Optional<Peer> holderOfAll(Task task, Peer newcomer) {
        synchronized (task) {
            return task.sample(VIEW, random).stream()
                    .filter(holder -> holder.state() == PeerState.SUCCEEDED && holder.host() != newcomer.host())
                    .findAny();
        }
    }

    /** With the task's monitor held. */
    private Optional<Notice> decide(Task task, Peer peer) {
        long now = swarm.now();
        Map<PeerId, Peer> byId = new HashMap<>();
        var candidates = new ArrayList<Candidate>();
        var view = new LinkedHashSet<>(peer.parents()); // those it has are not lost to the draw
        view.addAll(task.sample(VIEW, random));
        for (Peer other : view) {
            boolean own = peer.parents().contains(other);
            boolean refused = peer.isBlocked(other.id(), now) || other.host().isDistrusted(now);
            if (!refused && (own || task.mayLink(other, peer))) {
                byId.put(other.id(), other);
                candidates.add(describe(other, peer));
            }
        }
        return switch (scheduling.choose(
                describe(task, peer, now), candidates, cluster.get().candidateParentLimit())) {
            case Schedule.Parents(var chosen) ->
                parents(task, peer, chosen.stream().map(byId::get).toList(), now);
            case Schedule.BackToSource _ -> backToSource(task, peer, now);
            case Schedule.Wait _ -> {
                if (peer.parents().isEmpty()) {
                    task.waits(peer, now);
                }
                yield Optional.empty();
            }
            case Schedule.GiveUp _ -> {
                var _ = task.move(peer, PeerState.FAILED, now);
                yield Optional.of(new Notice.GiveUp(ErrorCode.SCHED_TASK_STATUS_ERROR, Optional.empty()));
            }
        };
    }

    private static Optional<Notice> parents(Task task, Peer peer, List<Peer> chosen, long now) {
        List<Peer> linked = task.link(peer, chosen, now);
        return linked.isEmpty()
                ? Optional.empty()
                : Optional.of(new Notice.Parents(linked.stream()
                        .map(parent -> new Notice.Parent(
                                parent.id(),
                                parent.host().address(),
                                parent.host().isDarter()))
                        .toList()));
    }

    private Optional<Notice> backToSource(Task task, Peer peer, long now) {
        if (!task.moveToSource(peer, backToSourceLimit, now)) {
            task.waits(peer, now);
            return Optional.empty();
        }
        var _ = task.become(TaskState.RUNNING);
        return Optional.of(new Notice.BackToSource());
    }

    private Asker describe(Task task, Peer peer, long now) {
        boolean waiting = peer.parents().isEmpty();
        return new Asker(
                peer.host().isDarter(),
                peer.needsBackToSource(),
                waiting ? Duration.ofMillis(Math.max(0, now - peer.waitingSince())) : Duration.ZERO,
                task.isSeeding(),
                task.backToSourceCount() > 0,
                task.type() != TaskType.DFCACHE,
                task.backToSourceCount() < backToSourceLimit,
                now < sourceOpensAt && !peer.host().type().isSeed());
    }

    private static Candidate describe(Peer other, Peer child) {
        PeerHost there = other.host().address();
        PeerHost here = child.host().address();
        return new Candidate(
                other.id(),
                other.finished().cardinality(),
                other.state() == PeerState.SUCCEEDED,
                other.state() == PeerState.BACK_TO_SOURCE,
                !other.parents().isEmpty(),
                other.host().type().isSeed(),
                other.host().isDarter(),
                other.host().freeUploads() + (child.parents().contains(other) ? 1 : 0),
                other.host().uploadLimit(),
                other.host().uploadSuccess(),
                !here.idc().isEmpty() && here.idc().equalsIgnoreCase(there.idc()),
                sharedDepth(here.location(), there.location()));
    }

    /** How many leading elements two locations share, at most five; five when they are equal. */
    static int sharedDepth(String a, String b) {
        if (a.isEmpty() || b.isEmpty()) {
            return 0;
        }
        if (a.equalsIgnoreCase(b)) {
            return LOCATION_DEPTH;
        }
        String[] here = a.toLowerCase(Locale.ROOT).split("\\|", -1);
        String[] there = b.toLowerCase(Locale.ROOT).split("\\|", -1);
        int depth = 0;
        while (depth < Math.min(LOCATION_DEPTH, Math.min(here.length, there.length))
                && here[depth].equals(there[depth])) {
            depth++;
        }
        return depth;
    }
}
