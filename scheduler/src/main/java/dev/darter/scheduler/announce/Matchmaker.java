package dev.darter.scheduler.announce;

import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.TaskType;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.scheduling.Asker;
import dev.darter.scheduler.scheduling.Candidate;
import dev.darter.scheduler.scheduling.Schedule;
import dev.darter.scheduler.scheduling.Scheduling;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Place;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.scheduler.swarm.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
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

    /** Doubles so often while nothing better is found. */
    private static final int MOST_DOUBLINGS = 5;

    /** A peer of ours with so many parents that have something needs no better ones. */
    private static final int ENOUGH_PARENTS = 6;

    /** Peers that wait are looked at again this often, in case something was freed that nobody tells of: never more than that costs. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    /** So many that wait may get nothing in a row before the others are left to their reminders. */
    private static final int VAIN = 8;

    private static final Duration SPREAD = Duration.ofMillis(300);

    private final Swarm swarm;
    private final Scheduling scheduling;
    private final Supplier<ClusterConfig> cluster;
    private final RandomGenerator random;
    private final int backToSourceLimit;
    private final long sourceOpensAt;
    private final Reminders reminders = new Reminders();

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

    /** Looks for parents for a running peer and tells it what was found, if anything. False when it waits on. */
    boolean schedule(Peer peer) {
        Task task = peer.task();
        boolean waits;
        synchronized (task) {
            if (peer.state() == PeerState.RUNNING && peer.outbox().isPresent()) {
                peer.looked(0);
                decide(task, peer).ifPresent(peer::tell);
                comeBack(task, peer);
            }
            waits = peer.state() == PeerState.RUNNING && peer.parents().isEmpty();
        }
        peer.deliver();
        return !waits;
    }

    /**
     * Somebody has something to give: those that wait are first. When several in a row get nothing, there is nothing left to get, and the
     * others keep their places: what one event costs does not grow with those that wait in vain.
     */
    void parentAppeared(Task task) {
        while (true) {
            List<Peer> next = task.waiting(VIEW);
            int vain = 0;
            for (Peer peer : next) {
                vain += schedule(peer) ? 0 : 1;
                if (vain >= VAIN) {
                    return;
                }
            }
            if (next.size() < VIEW) {
                return;
            }
        }
    }

    /** Somebody brings the content into the task: also those that have parents must hear of it, for theirs may have nothing. */
    void sourceAppeared(Task task) {
        parentAppeared(task);
        long now = swarm.now();
        for (Peer peer : task.peers()) {
            boolean follows;
            synchronized (task) {
                follows = peer.state() == PeerState.RUNNING && !peer.parents().isEmpty();
            }
            if (follows) {
                reminders.at(now, peer);
            }
        }
    }

    /** A peer that has parents may have better ones by now; one that has none is not forgotten, it waits in its task. */
    void refresh(Peer peer) {
        Task task = peer.task();
        long now = swarm.now();
        synchronized (task) {
            boolean due = peer.state() == PeerState.RUNNING
                    && !peer.parents().isEmpty()
                    && now - peer.scheduledAt() >= REFRESH.toMillis()
                    && peer.outbox().isPresent();
            if (due && !isServed(task, peer)) {
                lookForBetter(task, peer, now);
            }
        }
        peer.deliver();
    }

    /** With the task's monitor held. */
    private void lookForBetter(Task task, Peer peer, long now) {
        peer.scheduled(now);
        var before = new LinkedHashSet<>(peer.parents());
        decide(task, peer)
                .filter(notice -> !(notice instanceof Notice.Parents && before.equals(peer.parents())))
                .ifPresent(peer::tell);
    }

    /** Whether one of ours has all the parents that it needs; with the task's monitor held. */
    private static boolean isServed(Task task, Peer peer) {
        if (!peer.host().isDarter() || task.isSourceless()) {
            return false;
        }
        int useful = 0;
        for (Peer parent : peer.parents()) {
            useful += parent.hasContent() || parent.host().type().isSeed() ? 1 : 0;
        }
        return useful >= ENOUGH_PARENTS;
    }

    /**
     * Comes back to all peers whose time has come: those that wait, since time alone may have changed what they get, and those that report
     * nothing: peers that began together may have only each other, and then none of them would ever hear of who has something to give.
     */
    void tick() {
        long now = swarm.now();
        for (Optional<Peer> next = reminders.poll(now); next.isPresent(); next = reminders.poll(now)) {
            remindOf(next.get(), now);
        }
    }

    private void remindOf(Peer peer, long now) {
        Task task = peer.task();
        synchronized (task) {
            if (peer.state() != PeerState.RUNNING || peer.outbox().isEmpty()) {
                return; // it begins anew when it comes back
            }
            if (peer.parents().isEmpty()) {
                decide(task, peer).ifPresent(peer::tell);
            } else if (!isServed(task, peer)) {
                lookForBetter(task, peer, now);
            }
            peer.looked(Math.min(MOST_DOUBLINGS, peer.looks() + 1));
            comeBack(task, peer);
        }
        peer.deliver();
    }

    /** Enters when to look at the peer again; with the task's monitor held. */
    private void comeBack(Task task, Peer peer) {
        if (peer.state() != PeerState.RUNNING) {
            return;
        }
        long now = swarm.now();
        long due;
        if (peer.parents().isEmpty()) {
            long change = scheduling.nextLook(describe(task, peer, now)).toMillis();
            due = now + Math.min(change, RETRY.toMillis());
        } else {
            due = now + (REFRESH.toMillis() << peer.looks());
        }
        if (now < sourceOpensAt) {
            due = Math.min(due, sourceOpensAt);
        }
        if (task.isSourceless() && !peer.parents().isEmpty()) {
            // Not all at the same moment: the first one goes to the source, and the others follow.
            due = Math.min(due, now + scheduling.offerSourceAfter().toMillis() + random.nextLong(SPREAD.toMillis()));
        }
        reminders.at(due, peer);
    }

    /** Waits until somebody may have to be looked at. */
    void awaitDue(Duration most) throws InterruptedException {
        reminders.await(swarm.now(), most.toMillis());
    }

    /** Sends a peer away. */
    void giveUp(Peer peer, ErrorCode code, Optional<OriginFailure> origin) {
        Task task = peer.task();
        synchronized (task) {
            sendAway(task, peer, code, origin).ifPresent(peer::tell);
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
            return task.sample(newcomer, VIEW, random).stream()
                    .filter(holder -> holder.state() == PeerState.SUCCEEDED && holder.host() != newcomer.host())
                    .findAny();
        }
    }

    /** With the task's monitor held. */
    private Optional<Notice> decide(Task task, Peer peer) {
        long now = swarm.now();
        Map<PeerId, Peer> byId = new HashMap<>(2 * VIEW);
        var candidates = new ArrayList<Candidate>(VIEW);
        var view = new LinkedHashSet<>(peer.parents()); // those it has are not lost to the draw
        view.addAll(task.sample(peer, VIEW, random));
        for (Peer other : view) {
            boolean own = peer.parents().contains(other);
            boolean refused = peer.isBlocked(other.id(), now) || other.host().isDistrusted(now);
            if (!refused && (own || task.mayLink(other, peer))) {
                byId.put(other.id(), other);
                candidates.add(describe(other, peer));
            }
        }
        task.noteSource(now);
        return switch (scheduling.choose(
                describe(task, peer, now), candidates, cluster.get().candidateParentLimit())) {
            case Schedule.Parents(var chosen) ->
                parents(task, peer, chosen.stream().map(byId::get).toList(), now);
            case Schedule.BackToSource _ -> {
                Optional<OriginFailure> refusal = task.refusal(now);
                yield refusal.isPresent()
                        ? sendAway(task, peer, ErrorCode.BACK_TO_SOURCE_ABORTED, refusal)
                        : backToSource(task, peer, now);
            }
            case Schedule.Wait _ -> {
                if (peer.parents().isEmpty()) {
                    task.waits(peer, now);
                }
                yield Optional.empty();
            }
            case Schedule.GiveUp _ -> sendAway(task, peer, ErrorCode.SCHED_TASK_STATUS_ERROR, Optional.empty());
        };
    }

    /** With the task's monitor held. */
    private Optional<Notice> sendAway(Task task, Peer peer, ErrorCode code, Optional<OriginFailure> origin) {
        return task.move(peer, PeerState.FAILED, swarm.now())
                ? Optional.of(new Notice.GiveUp(code, origin))
                : Optional.empty();
    }

    private static Optional<Notice> parents(Task task, Peer peer, List<Peer> chosen, long now) {
        List<Peer> linked = task.link(peer, chosen, now);
        return linked.isEmpty()
                ? Optional.empty()
                : Optional.of(new Notice.Parents(linked.stream()
                        .map(parent -> new Notice.Parent(
                                parent.id(),
                                parent.host().address(),
                                parent.host().isDarter(),
                                parent.host().place().isElsewhere(peer.host().place())))
                        .toList()));
    }

    private Optional<Notice> backToSource(Task task, Peer peer, long now) {
        if (!task.moveToSource(peer, backToSourceLimit, now)) {
            task.waits(peer, now);
            return Optional.empty();
        }
        var _ = task.become(TaskState.RUNNING);
        task.noteSource(now);
        for (Peer follower : task.peers()) {
            if (follower.state() == PeerState.RUNNING) {
                reminders.at(now + REFRESH.toMillis(), follower); // they need not wait until it has something
            }
        }
        return Optional.of(new Notice.BackToSource(peer.mayReturn()));
    }

    private Asker describe(Task task, Peer peer, long now) {
        boolean waiting = peer.parents().isEmpty();
        return new Asker(
                peer.id(),
                peer.host().isDarter(),
                peer.needsBackToSource() && !(peer.mayReturn() && task.isSeeding()),
                waiting ? Duration.ofMillis(Math.max(0, now - peer.waitingSince())) : Duration.ZERO,
                task.isSeeding(),
                task.backToSourceCount() > 0,
                task.type() != TaskType.DFCACHE,
                task.backToSourceCount() < backToSourceLimit,
                now < sourceOpensAt && !peer.host().type().isSeed(),
                peer.host().isDarter() && !waiting ? task.sourceless(now) : Duration.ZERO,
                task.crossingsBeside(peer));
    }

    private static Candidate describe(Peer other, Peer child) {
        Host host = other.host();
        int own = child.parents().contains(other) ? 1 : 0;
        Place there = host.place();
        Place here = child.host().place();
        return new Candidate(
                other.id(),
                other.finished().cardinality(),
                other.state() == PeerState.SUCCEEDED,
                other.state() == PeerState.BACK_TO_SOURCE,
                !other.parents().isEmpty(),
                host.type().isSeed(),
                host.isDarter(),
                other.children().size() - own,
                host.freeUploads() + own,
                host.uploadLimit(),
                host.uploadSuccess(),
                here.isSameIdc(there),
                here.sharedDepth(there),
                here.isElsewhere(there));
    }
}
