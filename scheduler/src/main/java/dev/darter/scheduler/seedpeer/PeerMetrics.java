package dev.darter.scheduler.seedpeer;

import dev.darter.core.PeerId;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.wire.metrics.SchedulerMetrics;
import java.util.Optional;

/** Counts bytes that peers and seed peers got, by task, place and host. Any thread may call it. */
public final class PeerMetrics {
    private final SchedulerMetrics metrics;
    private final PlaceMetrics places;
    private final Swarm swarm;
    private final boolean byHost;

    /** @param byHost whether to keep a series for each host, too */
    public PeerMetrics(SchedulerMetrics metrics, PlaceMetrics places, Swarm swarm, boolean byHost) {
        this.metrics = metrics;
        this.places = places;
        this.swarm = swarm;
        this.byHost = byHost;
    }

    /** As upstream names the priority, task and host of a peer. */
    public static SchedulerMetrics.PeerLabels labels(Peer peer) {
        var meta = peer.task().meta();
        return new SchedulerMetrics.PeerLabels(
                peer.priority().name(),
                switch (peer.task().type()) {
                    case STANDARD -> "DFDAEMON";
                    case DFCACHE -> "DFCACHE";
                    case DFSTORE -> "DFSTORE";
                },
                meta.tag(),
                meta.application(),
                peer.host().type().wireName());
    }

    /** A peer got a piece from a parent, or from the origin where there is none. */
    public void arrived(Peer peer, Optional<PeerId> parent, long bytes) {
        var labels = labels(peer);
        metrics.arrived(
                parent.isEmpty() ? SchedulerMetrics.Source.BACK_TO_SOURCE : SchedulerMetrics.Source.REMOTE_PEER,
                labels,
                bytes);
        Optional<Peer> giver = parent.flatMap(swarm::peer);
        if (parent.isEmpty()) {
            places.read(peer, bytes);
        } else {
            places.moved(giver, peer, bytes);
        }
        if (byHost) {
            metrics.moved(false, labels, host(peer), bytes);
            giver.ifPresent(known -> metrics.moved(true, labels, host(known), bytes));
        }
    }

    /** A seed peer got a piece from the origin, or had it. */
    public void seeded(Peer seed, boolean reused, long bytes) {
        metrics.arrived(
                reused ? SchedulerMetrics.Source.LOCAL_PEER : SchedulerMetrics.Source.BACK_TO_SOURCE,
                labels(seed),
                bytes);
        if (!reused) {
            places.read(seed, bytes);
        }
    }

    private static SchedulerMetrics.HostLabels host(Peer peer) {
        var address = peer.host().address();
        return new SchedulerMetrics.HostLabels(
                address.id().value(),
                address.ip(),
                address.hostname(),
                peer.host().type().wireName());
    }
}
