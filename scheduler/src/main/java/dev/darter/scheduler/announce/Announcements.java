package dev.darter.scheduler.announce;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.Priority;
import dev.darter.core.SizeScope;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.scheduler.swarm.TaskState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a peer says something of its download: record it, choose, link, wake a seed peer. One call per message; the answer is
 * returned or goes to outboxes, never under a task's monitor. Any thread may call it.
 */
public final class Announcements {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    /** Where a piece or content that is not there can be fetched from, for the register answer. */
    public sealed interface Scope {
        record Normal() implements Scope {}

        record Small(PeerId parent, PeerHost host, Piece piece) implements Scope {}

        record Tiny(ByteBuffer content) implements Scope {}

        record Empty() implements Scope {}
    }

    /**
     * A peer that registers.
     *
     * @param darter whether its process is one of ours
     */
    public record Registration(TaskId task, String url, UrlMeta meta, PeerId peer, PeerHost host, boolean darter) {}

    /** A parent that failed a child is not offered to it again for this long. */
    private static final Duration BLOCKED = Duration.ofMinutes(1);

    /** Of what peers tell in words, so much is logged. */
    private static final int LONGEST_REASON = 200;

    private final Swarm swarm;
    private final Matchmaker matchmaker;
    private final HostLeases leases;
    private final SeedPeers seedPeers;
    private final SeedPeers.Listener seeding;
    private final TinyContents tinyContents;
    private final BorderPost borders;
    private final Supplier<ClusterConfig> cluster;
    private final boolean useSeedPeers;
    private final DirectReads directReads;
    private final Accusations accusations = new Accusations();

    public Announcements(
            Swarm swarm,
            Matchmaker matchmaker,
            HostLeases leases,
            SeedPeers seedPeers,
            TinyContents tinyContents,
            Supplier<ClusterConfig> cluster,
            boolean useSeedPeers,
            int seedingsPerSeed) {
        this.swarm = swarm;
        this.matchmaker = matchmaker;
        this.leases = leases;
        this.seedPeers = seedPeers;
        this.seeding = new Seeding(this);
        this.tinyContents = tinyContents;
        this.borders = new BorderPost(swarm, cluster);
        this.cluster = cluster;
        this.useSeedPeers = useSeedPeers;
        this.directReads = new DirectReads(seedPeers, seedingsPerSeed);
    }

    /** The answer to a registration. */
    public record Registered(TaskType type, Scope scope) {}

    /**
     * A peer wants a task.
     *
     * @throws CodedException SCHED_FORBIDDEN if its host belongs to another cluster, or its priority forbids the download
     */
    public Registered register(Registration request) {
        borders.check(request.host());
        long now = swarm.now();
        Task task = swarm.task(request.task(), TaskType.STANDARD, request.url(), request.meta());
        task.describe(request.url(), request.meta());
        Host host = swarm.registering(request.host(), request.darter());
        leases.heard(host);
        if (!host.type().isSeed()) {
            host.limitUploads(cluster.get().peerLoadLimit());
        }
        swarm.peer(request.peer())
                .filter(known -> known.task().isGone(known))
                .ifPresent(gone -> matchmaker.scheduleAll(swarm.remove(gone)));
        Peer peer = swarm.peer(request.peer(), task, host, request.meta().priority());
        if (peer.task() != task) {
            throw new CodedException(ErrorCode.SCHED_ERROR, "peer " + peer.id() + ": registered for another task");
        }
        try {
            wakeSource(task, peer, request);
        } catch (CodedException e) {
            var _ = task.move(peer, PeerState.LEFT, now);
            matchmaker.scheduleAll(swarm.remove(peer));
            throw e;
        }
        synchronized (task) {
            if (peer.state() == PeerState.PENDING) {
                var _ = task.move(peer, PeerState.RECEIVED, now);
            } else if (peer.state().isOver()) {
                throw new CodedException(
                        ErrorCode.SCHED_ERROR,
                        "peer " + peer.id() + ": " + peer.state() + " (expected: a fresh peer id)");
            }
        }
        Scope scope = scope(task, peer);
        if (!(scope instanceof Scope.Normal)) {
            synchronized (task) {
                peer.serveDirectly();
            }
        }
        return new Registered(task.type(), scope);
    }

    private Scope scope(Task task, Peer peer) {
        if (task.state() != TaskState.SUCCEEDED) {
            return new Scope.Normal();
        }
        return switch (task.sizeScope()) {
            case EMPTY -> new Scope.Empty();
            case TINY ->
                task.tinyContent()
                        .filter(content -> content.remaining() == task.contentLength())
                        .<Scope>map(Scope.Tiny::new)
                        .orElse(new Scope.Normal());
            case SMALL ->
                matchmaker
                        .holderOfAll(task, peer)
                        .flatMap(holder -> task.piece(0)
                                .<Scope>map(piece -> new Scope.Small(
                                        holder.id(), holder.host().address(), piece)))
                        .orElse(new Scope.Normal());
            case NORMAL, UNKNOWN -> new Scope.Normal();
        };
    }

    /** Sees to it that somebody fetches what nobody has, as the priority says. */
    private void wakeSource(Task task, Peer peer, Registration request) {
        synchronized (task) {
            if (task.hasAvailablePeer(Optional.of(peer.id()))) {
                return;
            }
            task.startOver();
        }
        if (peer.host().type().isSeed()) {
            synchronized (task) {
                peer.needBackToSource();
            }
            return;
        }
        switch (priority(peer, task)) {
            case LEVEL1 ->
                throw new CodedException(ErrorCode.SCHED_FORBIDDEN, "priority LEVEL1: the download is forbidden");
            case LEVEL2 ->
                throw new CodedException(
                        ErrorCode.SCHED_FORBIDDEN,
                        "priority LEVEL2: nobody has the task (expected: a peer that has it)");
            case LEVEL0, LEVEL6 -> {
                if (useSeedPeers && task.refusal(swarm.now()).isEmpty()) {
                    bringIn(task, peer, request);
                }
            }
            case LEVEL3, LEVEL4, LEVEL5 -> {
                synchronized (task) {
                    peer.needBackToSource();
                }
            }
        }
    }

    private void bringIn(Task task, Peer peer, Registration request) {
        if (isReadInsteadOfSeed(task)) {
            return;
        }
        if (directReads.mayRead(task, peer.host(), swarm.now())) {
            synchronized (task) {
                peer.readInsteadOfSeed();
            }
        } else {
            var _ = seedPeers.trigger(task, request.url(), request.meta(), seeding);
        }
    }

    private static boolean isReadInsteadOfSeed(Task task) {
        synchronized (task) {
            return task.backToSourceCount() > 0
                    && task.peers().stream()
                            .anyMatch(other -> other.state() == PeerState.BACK_TO_SOURCE && other.mayReturn());
        }
    }

    private Priority priority(Peer peer, Task task) {
        return peer.priority() != Priority.LEVEL0
                ? peer.priority()
                : ApplicationPriorities.of(
                        cluster.get().applications(), task.meta().application(), task.url());
    }

    /**
     * A peer opens its report stream.
     *
     * @throws CodedException SCHED_REREGISTER if the peer is unknown or was given up, so that it registers again
     */
    public Peer connect(PeerId id, Peer.Outbox outbox) {
        Peer peer = swarm.peer(id)
                .filter(known -> !known.task().isGone(known))
                .orElseThrow(() -> new CodedException(
                        ErrorCode.SCHED_REREGISTER, "peer " + id + ": unknown (expected: one that has registered)"));
        synchronized (peer.task()) {
            peer.connect(outbox);
        }
        return peer;
    }

    /**
     * The stream that brought {@code outbox} is over; the peer itself may open another.
     *
     * @param broken whether the peer did not end it: it has to come back soon, or counts as gone
     */
    public void disconnect(Peer peer, Peer.Outbox outbox, boolean broken) {
        synchronized (peer.task()) {
            if (!peer.outbox().equals(Optional.of(outbox))) {
                return; // it has opened another already
            }
            if (broken) {
                peer.task().origin().left(peer.id());
                peer.lost(swarm.now());
            } else {
                peer.disconnect();
            }
        }
    }

    /** A peer begins: it wants parents. */
    public void begin(Peer peer) {
        Task task = peer.task();
        boolean wantsParents;
        synchronized (task) {
            boolean began = task.move(peer, PeerState.RUNNING, swarm.now());
            if (peer.state() == PeerState.BACK_TO_SOURCE && peer.finished().isEmpty()) {
                peer.tell(new Notice.BackToSource(peer.mayReturn())); // a stream that broke may have lost it
            }
            wantsParents = peer.state() == PeerState.RUNNING && !(began && peer.isServedDirectly());
        }
        if (!wantsParents) {
            peer.deliver();
            return;
        }
        // Looked up only now: whoever fails the task from here on finds a running peer and tells it.
        var refusal = task.refusal(swarm.now());
        if (refusal.isPresent() && !task.hasAvailablePeer(Optional.of(peer.id()))) {
            matchmaker.giveUp(peer, ErrorCode.BACK_TO_SOURCE_ABORTED, refusal);
            return;
        }
        matchmaker.schedule(peer);
    }

    /** A peer got a piece; an empty parent stands for the origin. */
    public void pieceFinished(Peer peer, Optional<PeerId> parent, Piece piece) {
        piecesFinished(peer, parent, List.of(piece));
    }

    /** A peer got pieces, all of them from one parent. */
    public void piecesFinished(Peer peer, Optional<PeerId> parent, List<Piece> pieces) {
        long now = swarm.now();
        Task task = peer.task();
        task.touch(now);
        leases.heard(peer.host());
        boolean first = false;
        boolean atSource;
        synchronized (task) {
            atSource = peer.state() == PeerState.BACK_TO_SOURCE;
            for (Piece piece : pieces) {
                first |= task.finished(peer, piece, now);
                if (atSource) {
                    task.addPiece(piece);
                }
            }
        }
        parent.flatMap(swarm::peer).ifPresent(giver -> giver.touch(now));
        if (first && atSource) {
            matchmaker.sourceAppeared(task);
        } else if (first) {
            matchmaker.parentAppeared(task);
        } else {
            matchmaker.refresh(peer);
        }
    }

    /** A piece, or a parent as such, failed a peer. */
    public void pieceFailed(Peer peer, PeerId parentId, ErrorCode code) {
        long now = swarm.now();
        Task task = peer.task();
        synchronized (task) {
            if (peer.state() == PeerState.BACK_TO_SOURCE) {
                return;
            }
            task.block(peer, parentId, now, now + BLOCKED.toMillis());
        }
        swarm.peer(parentId)
                .filter(parent -> parent.task() == task && parent != peer)
                .ifPresent(parent -> parentFailed(parent, code, now));
        boolean running;
        synchronized (task) {
            running = peer.state() == PeerState.RUNNING;
        }
        if (running) {
            matchmaker.schedule(peer);
        } else {
            matchmaker.tell(peer, new Notice.GiveUp(ErrorCode.SCHED_ERROR, Optional.empty()));
        }
    }

    /**
     * A peer says that one of its parents lied; {@link #pieceFailed} comes beside this.
     *
     * @param reason as the peer tells it
     */
    public void parentLied(Peer peer, PeerId parentId, String reason) {
        long now = swarm.now();
        Task task = peer.task();
        Optional<Peer> parent = swarm.peer(parentId).filter(named -> named.task() == task);
        if (parent.isEmpty()) {
            return;
        }
        Host accused = parent.get().host();
        int fetching;
        synchronized (task) {
            if (!peer.parents().contains(parent.get())) {
                return; // it was not told to fetch there
            }
            fetching = parent.get().children().size();
        }
        LOG.atWarn()
                .addKeyValue("task", task.id())
                .addKeyValue("host", accused.id())
                .addKeyValue("by", peer.host().id())
                .addKeyValue("reason", reason.substring(0, Math.min(reason.length(), LONGEST_REASON)))
                .log("a host is said to lie");
        if (accusations.accuse(accused, peer.host(), fetching, now)) {
            LOG.atWarn().addKeyValue("host", accused.id()).log("a host is offered to nobody for an hour: it lies");
            accused.distrust(now + Accusations.HELD.toMillis());
            for (Peer other : swarm.peersOf(accused.id())) {
                matchmaker.scheduleAll(other.task().unlinkChildren(other, now));
            }
        }
    }

    private void parentFailed(Peer parent, ErrorCode code, long now) {
        parent.host().uploadFailed();
        Task task = parent.task();
        if (code == ErrorCode.PEER_TASK_NOT_FOUND) {
            matchmaker.scheduleAll(task.abandon(parent, PeerState.FAILED, now));
        } else if (code == ErrorCode.CLIENT_PIECE_NOT_FOUND
                && parent.host().type().isSeed()) {
            matchmaker.scheduleAll(task.abandon(parent, PeerState.LEFT, now));
            if (useSeedPeers) {
                var _ = seedPeers.trigger(task, task.url(), task.meta(), seeding);
            }
        }
    }

    /** A peer's download is over. */
    public void finished(
            PeerId id, boolean success, long contentLength, int totalPieces, Optional<OriginFailure> origin) {
        Peer peer = swarm.peer(id)
                .orElseThrow(() -> new CodedException(
                        ErrorCode.SCHED_PEER_NOT_FOUND,
                        "peer " + id + ": unknown (expected: one that has registered)"));
        long now = swarm.now();
        Task task = peer.task();
        boolean atSource;
        boolean returns;
        synchronized (task) {
            atSource = peer.state() == PeerState.BACK_TO_SOURCE;
            returns = atSource && peer.mayReturn() && DirectReads.leavesOpen(origin);
        }
        if (success) {
            succeeded(peer, atSource, contentLength, totalPieces, now);
            return;
        }
        List<Peer> orphans = task.abandon(peer, PeerState.FAILED, now);
        if (returns) {
            directReads.failed(task, peer.host(), origin, now);
            var _ = seedPeers.trigger(task, task.url(), task.meta(), seeding);
        } else if (atSource) {
            taskFailed(task, origin);
        }
        matchmaker.scheduleAll(orphans);
    }

    private void succeeded(Peer peer, boolean atSource, long contentLength, int totalPieces, long now) {
        Task task = peer.task();
        synchronized (task) {
            if (atSource || task.origin().wasUsed()) {
                task.sized(contentLength, totalPieces);
                var _ = task.become(TaskState.SUCCEEDED);
            }
            var _ = task.move(peer, PeerState.SUCCEEDED, now);
        }
        tinyContents.fetchIfDue(task, peer);
        matchmaker.parentAppeared(task);
    }

    /** A seed peer or a peer at the source could not deliver. */
    void taskFailed(Task task, Optional<OriginFailure> origin) {
        origin.ifPresent(failure -> task.refused(failure, swarm.now()));
        var _ = task.become(TaskState.FAILED);
        if (origin.isPresent() && !origin.get().temporary()) {
            for (Peer peer : task.peers()) {
                boolean running;
                synchronized (task) {
                    running =
                            peer.state() == PeerState.RUNNING && peer.finished().isEmpty();
                }
                if (running) {
                    matchmaker.giveUp(peer, ErrorCode.BACK_TO_SOURCE_ABORTED, origin);
                }
            }
        }
        matchmaker.parentAppeared(task); // that one of them goes to the source, or all give up
    }

    public Optional<Task> task(TaskId id) {
        return swarm.task(id);
    }

    /** A host no longer offers a task. */
    public void leaveTask(PeerId id) {
        Peer peer = swarm.peer(id)
                .orElseThrow(() -> new CodedException(ErrorCode.SCHED_PEER_NOT_FOUND, "peer " + id + ": unknown"));
        List<Peer> orphans;
        Task task = peer.task();
        synchronized (task) {
            if (!task.move(peer, PeerState.LEFT, swarm.now())) {
                throw new CodedException(ErrorCode.SCHED_TASK_STATUS_ERROR, "peer " + id + ": has left already");
            }
            orphans = task.unlinkChildren(peer, swarm.now());
        }
        matchmaker.scheduleAll(orphans);
    }

    Swarm swarm() {
        return swarm;
    }

    Matchmaker matchmaker() {
        return matchmaker;
    }

    TinyContents tinyContents() {
        return tinyContents;
    }

    /** Whether content of this size is handed out in the register answer. */
    static boolean isTiny(Task task) {
        return task.sizeScope() == SizeScope.TINY;
    }
}
