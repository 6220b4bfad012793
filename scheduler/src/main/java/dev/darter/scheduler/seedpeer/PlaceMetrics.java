package dev.darter.scheduler.seedpeer;

import dev.darter.scheduler.swarm.Peer;
import dev.darter.wire.metrics.Counter;
import dev.darter.wire.metrics.Family;
import dev.darter.wire.metrics.MetricRegistry;
import java.util.List;
import java.util.Optional;

/**
 * Counts bytes by where they came from and where they went: what locality is worth, and what crosses a thin link. A place is what decides
 * who feeds whom ({@link dev.darter.scheduler.swarm.Place#name}): a data centre, else a location without its last element. Hosts name their
 * places themselves; the family bounds how many series they can make. Any thread may call it.
 */
public final class PlaceMetrics {
    /** Whatever reads the origin. */
    private static final String ORIGIN = "origin";

    /** A host that does not say where it is, or a parent that is not known any more. */
    private static final String UNKNOWN = "unknown";

    /** A label of a data centre is short; what is longer is cut. */
    private static final int LONGEST = 64;

    private final Family<Counter> bytes;

    public PlaceMetrics(MetricRegistry registry) {
        bytes = registry.counter(
                "darter_scheduler_place_traffic_bytes_total",
                "Bytes that peers reported, by the place of who gave and of who got them.",
                List.of("from", "to"));
    }

    /** @param parent who gave, as far as it is known */
    void moved(Optional<Peer> parent, Peer to, long amount) {
        count(parent.map(PlaceMetrics::place).orElse(UNKNOWN), to, amount);
    }

    void read(Peer reader, long amount) {
        count(ORIGIN, reader, amount);
    }

    private void count(String from, Peer to, long amount) {
        bytes.with(from, place(to)).add(amount);
    }

    private static String place(Peer peer) {
        String name = peer.host().place().name();
        if (name.isEmpty()) {
            return UNKNOWN;
        }
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST);
    }
}
