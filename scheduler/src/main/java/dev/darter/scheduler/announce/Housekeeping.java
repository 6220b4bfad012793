package dev.darter.scheduler.announce;

import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/** Forgets what is over: peers that left, failed or stalled, tasks without peers, hosts that fell silent. */
final class Housekeeping {
    /** A peer whose stream broke may come back on another for so long. */
    private static final Duration LOST = Duration.ofSeconds(15);

    private final Swarm swarm;
    private final Matchmaker matchmaker;
    private final HostLeases leases;
    private final Duration pieceTimeout;
    private final Duration peerTtl;
    private final Duration hostTtl;

    Housekeeping(
            Swarm swarm,
            Matchmaker matchmaker,
            HostLeases leases,
            Duration pieceTimeout,
            Duration peerTtl,
            Duration hostTtl) {
        this.swarm = swarm;
        this.matchmaker = matchmaker;
        this.leases = leases;
        this.pieceTimeout = pieceTimeout;
        this.peerTtl = peerTtl;
        this.hostTtl = hostTtl;
    }

    /**
     * Peers that are over go; those that stalled, were lost or whose host fell silent leave, and go in the next round. A task at which
     * nobody is at work forgets the credentials of its last request.
     */
    void collectPeers() {
        long now = swarm.now();
        leases.endThoseThatAreOver();
        var busy = new HashSet<Task>();
        for (Peer peer : swarm.peers()) {
            PeerState state;
            boolean lost;
            synchronized (peer.task()) {
                state = peer.state();
                lost = state.isActive() && peer.lostBefore(now - LOST.toMillis());
            }
            if (!state.isOver()) {
                busy.add(peer.task());
            }
            if (state == PeerState.LEFT || state == PeerState.FAILED) {
                schedule(swarm.remove(peer));
            } else if (lost || isOver(peer, state, now)) {
                schedule(peer.task().abandon(peer, PeerState.LEFT, now));
                matchmaker.parentAppeared(peer.task()); // it may have been the one at the source
            }
        }
        for (Task task : swarm.tasks()) {
            if (!busy.contains(task) && !task.isSeeding()) {
                task.forgetHeader();
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
        for (Task task : List.copyOf(swarm.tasks())) {
            // A task that was just made has no peer for a moment.
            swarm.removeIf(
                    task,
                    known -> known.peerCount() == 0
                            && !known.isSeeding()
                            && now - known.touchedAt() > pieceTimeout.toMillis());
        }
    }

    /** Seed peers stay: the manager says when they are gone. */
    void collectHosts() {
        long now = swarm.now();
        for (Host host : List.copyOf(swarm.hosts())) {
            swarm.removeIf(
                    host,
                    known -> now - known.seenAt() > hostTtl.toMillis()
                            && !known.type().isSeed()
                            && swarm.peersOf(known.id()).isEmpty());
        }
    }

    private void schedule(List<Peer> orphans) {
        matchmaker.scheduleAll(orphans);
    }
}
