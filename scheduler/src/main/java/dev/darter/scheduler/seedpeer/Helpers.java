package dev.darter.scheduler.seedpeer;

import dev.darter.core.HostId;
import dev.darter.core.PeerId;
import dev.darter.core.SeedShare;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.wire.client.SeedOrder;
import dev.darter.wire.client.SeedPeerClient;
import dev.darter.wire.client.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seed peers that have nothing to do read a large task together with the one whose task it is: its link need not carry every first copy, nor
 * must one connection to the origin bring all of it. Nothing depends on them: what a helper does not read the first one does.
 */
final class Helpers {
    private static final Logger LOG = LoggerFactory.getLogger(Helpers.class);

    private final Swarm swarm;
    private final int seedsPerTask;
    private final Duration deadline;

    /** By seed peer, how many tasks it fetches. */
    private final ConcurrentHashMap<ServerAddress, Integer> fetching = new ConcurrentHashMap<>();

    /** @param seedsPerTask that read one task together, the first one included */
    Helpers(Swarm swarm, int seedsPerTask, Duration deadline) {
        this.swarm = swarm;
        this.seedsPerTask = seedsPerTask;
        this.deadline = deadline;
    }

    void begins(SeedPeerClient.Seed seed) {
        fetching.merge(seed.address(), 1, Integer::sum);
    }

    void ends(SeedPeerClient.Seed seed) {
        fetching.computeIfPresent(seed.address(), (_, tasks) -> tasks == 1 ? null : tasks - 1);
    }

    /** Those of the seed peers that may help {@code first}, which must be one of ours as they must. */
    List<SeedPeerClient.Seed> choose(SeedPeerClient.Seed first, List<SeedPeerClient.Seed> all) {
        if (!isDarter(first)) {
            return List.of();
        }
        return all.stream()
                .filter(seed -> !seed.address().equals(first.address())
                        && isDarter(seed)
                        && !fetching.containsKey(seed.address()))
                .limit(seedsPerTask - 1)
                .toList();
    }

    private boolean isDarter(SeedPeerClient.Seed seed) {
        return swarm.host(hostOf(seed.address())).filter(Host::isDarter).isPresent();
    }

    private static HostId hostOf(ServerAddress address) {
        return HostId.of(address.ip(), address.hostname());
    }

    /** Makes a seed peer help, until it has all of the task; returns at once. */
    void start(SeedPeerClient.Seed seed, int seeds, Task task, String url, UrlMeta meta, SeedPeers.Listener listener) {
        begins(seed);
        Thread.ofVirtual().name("help-" + task.id().prefix()).start(() -> {
            var help = new Help(task, hostOf(seed.address()), listener);
            try {
                var order = new SeedOrder(Optional.empty(), new SeedShare(seeds, true));
                seed.obtain(task.id(), url, meta, order, deadline, help::take);
            } catch (RuntimeException e) {
                LOG.atInfo()
                        .addKeyValue("task", task.id())
                        .addKeyValue(
                                "seed",
                                seed.address().ip() + ":" + seed.address().port())
                        .addKeyValue("reason", e.getMessage())
                        .log("a seed peer helps no more");
                if (!help.done) {
                    help.peer.ifPresent(lost -> listener.helperLost(task, lost));
                }
            } finally {
                ends(seed);
            }
        });
    }

    /** One conversation with a helper. Used by one thread. */
    private final class Help {
        private final Task task;
        private final HostId host;
        private final SeedPeers.Listener listener;
        private Optional<PeerId> peer = Optional.empty();
        private boolean done;

        Help(Task task, HostId host, SeedPeers.Listener listener) {
            this.task = task;
            this.host = host;
            this.listener = listener;
        }

        void take(SeedPeerClient.Seeding seeding) {
            if (peer.isEmpty()) {
                peer = Optional.of(new PeerId(seeding.peerId()));
                swarm.host(host).ifPresent(known -> listener.seedBegan(task, peer.get(), known));
            }
            seeding.piece().ifPresent(piece -> listener.seedGot(task, peer.get(), piece, seeding.reuse()));
            if (seeding.done()) {
                done = true;
                listener.seedDone(task, peer.get(), seeding.contentLength(), seeding.totalPieces());
            }
        }
    }
}
