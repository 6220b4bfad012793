package dev.darter.scheduler.announce;

import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;

/** What follows when a host misses its announcements, and when it is heard again. */
final class HostLeases {
    private final Swarm swarm;
    private final Matchmaker matchmaker;

    HostLeases(Swarm swarm, Matchmaker matchmaker) {
        this.swarm = swarm;
        this.matchmaker = matchmaker;
    }

    /** Hosts whose lease is over count as gone: their peers feed nobody until they are heard again, and the children look for others. */
    void endThoseThatAreOver() {
        long now = swarm.now();
        for (Host host : swarm.hosts()) {
            if (host.isSilent() || !host.hasLapsed(now)) {
                continue;
            }
            host.silent(true);
            for (Peer peer : swarm.peersOf(host.id())) {
                matchmaker.scheduleAll(peer.task().suspend(peer, now));
            }
        }
    }

    /** A host says something: if it counted as gone, what it holds may be had again. */
    void heard(Host host) {
        if (!host.isSilent()) {
            return;
        }
        host.silent(false);
        for (Peer peer : swarm.peersOf(host.id())) {
            if (peer.task().resume(peer)) {
                matchmaker.parentAppeared(peer.task());
            }
        }
    }
}
