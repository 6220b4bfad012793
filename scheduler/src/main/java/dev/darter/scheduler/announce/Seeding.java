package dev.darter.scheduler.announce;

import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.Priority;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Task;
import dev.darter.scheduler.swarm.TaskState;
import java.util.List;
import java.util.Optional;

/** What a seed peer tells while it fetches becomes a peer of the task: it never registers by itself. */
final class Seeding implements SeedPeers.Listener {
    private final Announcements announcements;

    Seeding(Announcements announcements) {
        this.announcements = announcements;
    }

    @Override
    public void seedBegan(Task task, PeerId id, Host host) {
        long now = announcements.swarm().now();
        Peer peer = announcements.swarm().peer(id, task, host, Priority.LEVEL0);
        synchronized (task) {
            peer.seeds();
            var _ = task.move(peer, PeerState.RECEIVED, now);
            var _ = task.move(peer, PeerState.RUNNING, now);
        }
        announcements.matchmaker().sourceAppeared(task); // they can listen to it until it has something
    }

    @Override
    public void seedGot(Task task, PeerId id, Piece piece, boolean reused) {
        long now = announcements.swarm().now();
        task.touch(now);
        announcements.swarm().peer(id).ifPresent(peer -> {
            boolean first;
            synchronized (task) {
                task.addPiece(piece);
                first = task.finished(peer, piece, now);
            }
            if (first) {
                announcements.matchmaker().parentAppeared(task);
            }
        });
    }

    @Override
    public void seedDone(Task task, PeerId id, long contentLength, int totalPieces) {
        task.sized(contentLength, totalPieces);
        var _ = task.become(TaskState.SUCCEEDED);
        announcements.swarm().peer(id).ifPresent(peer -> {
            var _ = task.move(peer, PeerState.SUCCEEDED, announcements.swarm().now());
            announcements.tinyContents().fetchIfDue(task, peer);
        });
        announcements.matchmaker().parentAppeared(task);
    }

    @Override
    public void helperLost(Task task, PeerId id) {
        announcements
                .swarm()
                .peer(id)
                .ifPresent(peer -> announcements
                        .matchmaker()
                        .scheduleAll(task.abandon(
                                peer, PeerState.FAILED, announcements.swarm().now())));
    }

    @Override
    public void seedFailed(Task task, Optional<PeerId> id, Optional<OriginFailure> origin) {
        List<Peer> orphans = id.flatMap(announcements.swarm()::peer)
                .map(peer -> task.abandon(
                        peer, PeerState.FAILED, announcements.swarm().now()))
                .orElse(List.of());
        if (!task.isSeeding()) {
            announcements.taskFailed(task, origin);
        }
        announcements.matchmaker().scheduleAll(orphans);
    }
}
