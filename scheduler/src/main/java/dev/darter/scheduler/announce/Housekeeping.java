package dev.darter.scheduler.announce;

import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import java.time.Duration;
import java.util.List;

/** Forgets what is over: peers that left, failed or stalled, tasks without peers, hosts that fell silent. */
final class Housekeeping {
    private final Swarm swarm;
    private final Announcements announcements;
    private final Duration pieceTimeout;
    private final Duration peerTtl;
    private final Duration hostTtl;

    Housekeeping(Announcements announcements, Duration pieceTimeout, Duration peerTtl, Duration hostTtl) {
        this.swarm = announcements.swarm();
        this.announcements = announcements;
        this.pieceTimeout = pieceTimeout;
        this.peerTtl = peerTtl;
        this.hostTtl = hostTtl;
    }

    /** Peers that are over go; those that stalled or whose host fell silent leave, and go in the next round. */
    void collectPeers() {
        long now = swarm.now();
        for (Peer peer : swarm.peers()) {
            PeerState state;
            synchronized (peer.task()) {
                state = peer.state();
            }
            if (state == PeerState.LEFT || state == PeerState.FAILED) {
                schedule(swarm.remove(peer));
            } else if (isOver(peer, state, now)) {
                schedule(announcements.abandon(peer, PeerState.LEFT, now));
            }
        }
    }

    private boolean isOver(Peer peer, PeerState state, long now) {
        long idle = now - peer.touchedAt();
        boolean stalled = state.isActive() && !peer.host().type().isSeed() && idle > pieceTimeout.toMillis();
        return stalled || idle > peerTtl.toMillis() || now - peer.host().seenAt() > hostTtl.toMillis();
    }

    void collectTasks() {
        long now = swarm.now();
        for (Task task : swarm.tasks()) {
            // A task that was just made has no peer for a moment.
            if (task.peerCount() == 0 && !task.isSeeding() && now - task.touchedAt() > pieceTimeout.toMillis()) {
                swarm.remove(task);
            }
        }
    }

    /** Seed peers stay: the manager says when they are gone. */
    void collectHosts() {
        for (Host host : swarm.hosts()) {
            boolean silent = swarm.now() - host.seenAt() > hostTtl.toMillis();
            if (silent && !host.type().isSeed() && swarm.peersOf(host.id()).isEmpty()) {
                swarm.remove(host);
            }
        }
    }

    private void schedule(List<Peer> orphans) {
        announcements.matchmaker().scheduleAll(orphans);
    }
}
