package dev.darter.scheduler.announce;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.HostReport;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.scheduler.swarm.TaskState;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What hosts say of themselves: that they are here, under which key they sign, what they hold, and that they go. As with
 * {@link Announcements}, one call per message, from any thread.
 */
public final class HostAnnouncements {
    /** A whole task that a host holds. */
    public record Held(
            TaskId task,
            TaskType type,
            String url,
            UrlMeta meta,
            PeerId peer,
            PeerHost host,
            boolean darter,
            List<Piece> pieces,
            long contentLength,
            int totalPieces) {}

    private final Swarm swarm;
    private final Matchmaker matchmaker;
    private final HostLeases leases;
    private final BorderPost borders;
    private final TinyContents tinyContents;
    private final Supplier<ClusterConfig> cluster;

    HostAnnouncements(
            Swarm swarm,
            Matchmaker matchmaker,
            HostLeases leases,
            TinyContents tinyContents,
            Supplier<ClusterConfig> cluster) {
        this.swarm = swarm;
        this.matchmaker = matchmaker;
        this.leases = leases;
        this.borders = new BorderPost(swarm, cluster);
        this.tinyContents = tinyContents;
        this.cluster = cluster;
    }

    public void announceHost(HostReport report, boolean darter) {
        Host host = swarm.host(report.host(), report.type(), darter);
        host.announced(swarm.now());
        leases.heard(host);
        if (!host.type().isSeed()) {
            host.limitUploads(cluster.get().peerLoadLimit());
        }
    }

    /** A host has told under which key it signs. */
    public void introduce(HostId id, Optional<VerifyKey> key) {
        swarm.host(id).ifPresent(host -> host.hasKey(key));
    }

    /**
     * A host holds a whole task.
     *
     * @throws CodedException SCHED_FORBIDDEN if the host belongs to another cluster
     */
    public void announceTask(Held held) {
        borders.check(held.host());
        long now = swarm.now();
        Task task = swarm.task(held.task(), held.type(), held.url(), held.meta());
        take(task, held);
        Host host = swarm.registering(held.host(), held.darter());
        leases.heard(host);
        swarm.peer(held.peer())
                .filter(known -> known.task().isGone(known))
                .ifPresent(gone -> matchmaker.scheduleAll(swarm.remove(gone)));
        Peer peer = swarm.peer(held.peer(), task, host, Priority.LEVEL0);
        if (peer.task() != task) {
            throw new CodedException(ErrorCode.SCHED_ERROR, "peer " + peer.id() + ": holds another task");
        }
        synchronized (task) {
            for (Piece piece : held.pieces()) {
                var _ = task.finished(peer, piece, now);
            }
            if (peer.state() == PeerState.PENDING) {
                var _ = task.move(peer, PeerState.RECEIVED, now);
            }
            if (peer.state() == PeerState.RECEIVED) {
                var _ = task.move(peer, PeerState.SUCCEEDED, now);
            }
        }
        tinyContents.fetchIfDue(task, peer);
        matchmaker.parentAppeared(task);
    }

    /** What a holder says of the content is believed while nobody else has it; after that it has to agree. */
    private static void take(Task task, Held held) {
        synchronized (task) {
            if (task.state() != TaskState.SUCCEEDED || !task.hasAvailablePeer(Optional.of(held.peer()))) {
                task.startOver();
                held.pieces().forEach(task::addPiece);
                task.sized(held.contentLength(), held.totalPieces());
                var _ = task.become(TaskState.SUCCEEDED);
                return;
            }
            long known = task.contentLength();
            if (held.contentLength() >= 0 && known >= 0 && held.contentLength() != known) {
                throw new CodedException(
                        ErrorCode.SCHED_ERROR,
                        "task " + task.id() + ": " + held.contentLength() + " bytes (expected: " + known
                                + ", as its other holders have)");
            }
        }
    }

    /** A host goes away with all it holds. */
    public void leaveHost(HostId id) {
        if (swarm.host(id).isEmpty()) {
            throw new CodedException(
                    ErrorCode.BAD_REQUEST, "host " + id + ": unknown (expected: one that was announced)");
        }
        for (Peer peer : swarm.peersOf(id)) {
            matchmaker.scheduleAll(peer.task().abandon(peer, PeerState.LEFT, swarm.now()));
        }
    }
}
