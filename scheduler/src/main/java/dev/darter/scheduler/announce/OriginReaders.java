package dev.darter.scheduler.announce;

import dev.darter.core.Integrity;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.TaskType;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.OriginBudget;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets peers of ours read blocks from the origin beside what they give each other: a share of the content while somebody brings it in, all that
 * is missing where nobody does. Peers ask; {@link OriginBudget} says who gets what. Any thread may call it.
 */
public final class OriginReaders {
    private static final Logger LOG = LoggerFactory.getLogger(OriginReaders.class);

    private final Swarm swarm;
    private final double share;
    private final int places;
    private final long opensAt;
    private final RandomGenerator random;

    /**
     * @param share of a task's content that peers may read while somebody brings it in; 0 turns all of this off but for seed peers
     * @param places peers of one task that may read the origin at once, in whatever way
     * @param opensAt milliseconds before which nobody may, since holders have yet to announce themselves
     */
    OriginReaders(Swarm swarm, double share, int places, long opensAt, RandomGenerator random) {
        this.swarm = swarm;
        this.share = share;
        this.places = places;
        this.opensAt = opensAt;
        this.random = random;
    }

    /** A peer says what it would read, or how its reading stands. */
    public void heard(Peer peer, OriginWish wish) {
        Task task = peer.task();
        long now = swarm.now();
        task.touch(now);
        Optional<OriginGrant> grant;
        synchronized (task) {
            if (!mayRead(peer, now)) {
                return;
            }
            peer.touch(now);
            grant = task.origin().hear(peer.id(), wish, terms(peer, wish), now, random);
            grant.ifPresent(given -> peer.tell(new Notice.MayRead(given)));
        }
        grant.ifPresent(given -> LOG.atDebug()
                .addKeyValue("task", task.id())
                .addKeyValue("peer", peer.id())
                .addKeyValue("blocks", given.blocks())
                .log("a peer may read blocks from the origin"));
        peer.deliver();
    }

    /** With the task's monitor held. */
    private OriginBudget.Terms terms(Peer peer, OriginWish wish) {
        Task task = peer.task();
        if (peer.isSeeding() && task.isSeeding()) {
            return OriginBudget.Terms.SEED;
        }
        int readers = Math.max(0, places - task.backToSourceCount());
        return new OriginBudget.Terms(wish.starved() ? share : 0, task.isSourceless(), readers);
    }

    /** With the task's monitor held. */
    private boolean mayRead(Peer peer, long now) {
        Task task = peer.task();
        return (share > 0 || peer.isSeeding())
                && now >= opensAt
                && peer.state() == PeerState.RUNNING
                && peer.host().isDarter()
                && peer.host().key().isPresent() // what it reads unsigned nobody else could take
                && task.integrity() != Integrity.UNSIGNED // a scheduler that has just started does not know yet
                && task.type() != TaskType.DFCACHE
                && task.refusal(now).isEmpty();
    }
}
