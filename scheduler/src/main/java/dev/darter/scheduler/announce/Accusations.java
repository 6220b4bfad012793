package dev.darter.scheduler.announce;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.HostId;
import dev.darter.scheduler.swarm.Host;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides when a host that others call a liar is offered to nobody any more. Any thread may call it.
 *
 * <p><b>What an accusation is worth.</b> The accuser bans the accused by himself, at once; he has seen the proof. The scheduler has not: it carries no
 * digests, and what a child says may itself be the lie. If one word were enough, a single bad peer could take a seed out of the cluster, which
 * costs more than any liar can do to peers that check every block. So a host is dropped only when <em>several</em> hosts say so, each of which was
 * told by this scheduler to fetch from it (who was not has nothing to say of it), each once however often it repeats itself: at least three, and
 * a quarter of the hosts that fetch from it at that time; of a seed peer half, since all fetch from it and few are needed to be three. Below that
 * each victim is on its own, which is safe: it bans, and the scheduler does not offer the pair again for a while.
 *
 * <p><b>Who accuses everybody is not believed.</b> A host with bad memory, or a bad cable behind which everything looks wrong, finds liars everywhere, and
 * so does one that means harm. Who accuses more than three hosts within an hour counts for none of them. Thus to drop one honest host takes three
 * colluding ones, and three colluding ones drop three at most. Whoever can invent hosts at will can do better; who may reach the scheduler's port
 * is the trust boundary, here as elsewhere.
 *
 * <p>Everything is forgotten after an hour, the verdict too: a repaired host comes back by itself.
 */
final class Accusations {
    static final Duration HELD = Duration.ofHours(1);

    private static final int LEAST_ACCUSERS = 3;
    private static final int MOST_ACCUSED_BY_ONE = 3;
    private static final int MOST_HOSTS = 4096;

    /** By the accused: who accused it, and when (milliseconds). */
    @GuardedBy("this")
    private final Map<HostId, Map<HostId, Long>> byAccused = eldestFirst();

    /** By the accuser: whom, and when. */
    @GuardedBy("this")
    private final Map<HostId, Map<HostId, Long>> byAccuser = eldestFirst();

    private static Map<HostId, Map<HostId, Long>> eldestFirst() {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<HostId, Map<HostId, Long>> eldest) {
                return size() > MOST_HOSTS;
            }
        };
    }

    /**
     * Notes an accusation.
     *
     * @param fetching hosts that fetch from the accused now, the accuser among them
     * @param now milliseconds
     * @return whether the accused is to be dropped
     */
    synchronized boolean accuse(Host accused, Host accuser, int fetching, long now) {
        Map<HostId, Long> said = fresh(byAccuser, accuser.id(), now);
        if (said.size() <= MOST_ACCUSED_BY_ONE) { // one more is enough to know that it accuses too many
            said.put(accused.id(), now);
        }
        Map<HostId, Long> accusers = fresh(byAccused, accused.id(), now);
        if (accusers.size() < MOST_HOSTS) {
            accusers.put(accuser.id(), now);
        }
        int believed = 0;
        for (HostId host : accusers.keySet()) {
            believed += fresh(byAccuser, host, now).size() > MOST_ACCUSED_BY_ONE ? 0 : 1;
        }
        int share = accused.type().isSeed() ? 2 : 4;
        return believed >= Math.max(LEAST_ACCUSERS, Math.ceilDiv(fetching, share));
    }

    /** What is not yet forgotten of a host. */
    private static Map<HostId, Long> fresh(Map<HostId, Map<HostId, Long>> all, HostId host, long now) {
        Map<HostId, Long> known = all.computeIfAbsent(host, _ -> new HashMap<>());
        known.values().removeIf(time -> now - time > HELD.toMillis());
        return known;
    }
}
