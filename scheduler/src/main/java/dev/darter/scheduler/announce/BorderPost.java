package dev.darter.scheduler.announce;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerHost;
import dev.darter.core.Texts;
import dev.darter.scheduler.dynconfig.Borders;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.swarm.Swarm;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps hosts of other clusters out of the swarm: whoever has a peer in it gives and gets bytes. Any thread may call it. */
final class BorderPost {
    private static final Logger LOG = LoggerFactory.getLogger(BorderPost.class);

    private final Swarm swarm;
    private final Supplier<ClusterConfig> cluster;

    BorderPost(Swarm swarm, Supplier<ClusterConfig> cluster) {
        this.swarm = swarm;
        this.cluster = cluster;
    }

    /**
     * Lets a host pass that belongs here. Seed peers pass wherever they stand, since an operator put them there.
     *
     * @throws CodedException SCHED_FORBIDDEN if the host belongs to another cluster
     */
    void check(PeerHost host) {
        Optional<Borders.Elsewhere> elsewhere = cluster.get().borders().elsewhere(host);
        if (elsewhere.isEmpty()
                || swarm.host(host.id()).filter(known -> known.type().isSeed()).isPresent()) {
            return;
        }
        String there = String.join(", ", elsewhere.get().there());
        LOG.atWarn()
                .addKeyValue("hostname", host.hostname())
                .addKeyValue("ip", host.ip())
                .addKeyValue("idc", Texts.shorten(host.idc()))
                .addKeyValue("location", Texts.shorten(host.location()))
                .addKeyValue("belongsTo", there)
                .log("a host of another cluster was refused");
        throw new CodedException(
                ErrorCode.SCHED_FORBIDDEN,
                "host " + host.hostname() + " (ip " + host.ip() + ", idc " + Texts.shorten(host.idc()) + ", location "
                        + Texts.shorten(host.location()) + "): it belongs to scheduler cluster " + there
                        + " (expected: a host of " + elsewhere.get().here() + ")");
    }
}
