package dev.darter.scheduler.seedpeer;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.HostType;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.SeedShare;
import dev.darter.core.SignedWarrant;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.wire.client.SeedOrder;
import dev.darter.wire.client.SeedPeerClient;
import dev.darter.wire.client.ServerAddress;
import dev.darter.wire.rpc.RpcErrors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes seed peers fetch. One fetch a task, however many ask: {@link Task#beginSeeding} decides. When a seed peer cannot be reached or is
 * lost on the way, the next one on the ring goes on; what the origin says ends it.
 */
public final class SeedPeers {
    private static final Logger LOG = LoggerFactory.getLogger(SeedPeers.class);

    /** What becomes of a fetch; called on the fetch's own thread, never under a lock. */
    public interface Listener {
        /** A seed peer has begun. */
        void seedBegan(Task task, PeerId peer, Host host);

        void seedGot(Task task, PeerId peer, Piece piece, boolean reused);

        void seedDone(Task task, PeerId peer, long contentLength, int totalPieces);

        /** One that read the task together with another is lost, or ends without all of it; the other goes on. */
        void helperLost(Task task, PeerId peer);

        /** @param origin what the origin refused with; empty when it is not to blame */
        void seedFailed(Task task, Optional<PeerId> peer, Optional<OriginFailure> origin);
    }

    private final SeedPeerClient client;
    private final Swarm swarm;
    private final Duration deadline;
    private final PeerMetrics metrics;
    private final Warrant warrant;
    private final Helpers helpers;
    private final AtomicInteger running = new AtomicInteger();

    /** What a seed peer needs to sign what it reads. */
    public interface Warrant {
        /** Empty for one that cannot sign. */
        Optional<SignedWarrant> issue(Task task, Host reader);
    }

    /**
     * @param deadline of one fetch
     * @param seedsPerTask seed peers that read a large task together, where so many have nothing else to do
     */
    public SeedPeers(
            SeedPeerClient client,
            Swarm swarm,
            Duration deadline,
            int seedsPerTask,
            PeerMetrics metrics,
            Warrant warrant) {
        this.client = client;
        this.swarm = swarm;
        this.deadline = deadline;
        this.metrics = metrics;
        this.warrant = warrant;
        this.helpers = new Helpers(swarm, seedsPerTask, deadline);
    }

    /** Whether there is a seed peer to ask. */
    public boolean isReady() {
        return client.isReady();
    }

    /** Starts a fetch unless one runs; whether one runs now. */
    public boolean trigger(Task task, String url, UrlMeta meta, Listener listener) {
        if (!client.isReady()) {
            return false;
        }
        if (task.beginSeeding()) {
            running.incrementAndGet();
            Thread.ofVirtual().name("seed-" + task.id().prefix()).start(() -> {
                try {
                    fetch(task, url, meta, listener);
                } finally {
                    running.decrementAndGet();
                }
            });
        }
        return true;
    }

    /** Whether there are seed peers, and they fetch {@code each} tasks or more on average. */
    public boolean isBusy(Task task, int each) {
        int now = running.get();
        return now >= each && now >= each * client.inOrder(task.id()).size();
    }

    private void fetch(Task task, String url, UrlMeta meta, Listener listener) {
        Optional<OriginFailure> origin = Optional.empty();
        Optional<PeerId> peer = Optional.empty();
        List<SeedPeerClient.Seed> all = client.inOrder(task.id());
        for (SeedPeerClient.Seed seed : all) {
            List<SeedPeerClient.Seed> helping = helpers.choose(seed, all);
            int together = 1 + helping.size();
            var fetch = new Fetch(
                    task,
                    seed.address(),
                    listener,
                    () -> helping.forEach(helper -> helpers.start(helper, together, task, url, meta, listener)));
            helpers.begins(seed);
            try {
                seed.obtain(task.id(), url, meta, fetch.order(together), deadline, fetch::take);
                if (fetch.done) {
                    task.endSeeding();
                    return;
                }
                throw new CodedException(ErrorCode.CLIENT_ERROR, "the seed peer ended without a word");
            } catch (OriginException e) {
                if (fetch.done) {
                    task.endSeeding();
                    return;
                }
                origin = Optional.of(e.failure());
                peer = fetch.peer;
                task.refused(
                        e.failure(), swarm.now()); // before the seeding ends, when others may be sent to ask the same
                break;
            } catch (RuntimeException e) {
                if (fetch.done) { // all that was wanted came before
                    task.endSeeding();
                    return;
                }
                LOG.atWarn()
                        .addKeyValue("task", task.id())
                        .addKeyValue(
                                "seed",
                                seed.address().ip() + ":" + seed.address().port())
                        .addKeyValue("reason", e.getMessage())
                        .log(RpcErrors.isUnavailable(e) ? "a seed peer cannot be reached" : "a seed peer failed");
                peer = fetch.peer;
                fetch.peer.ifPresent(failed -> listener.seedFailed(task, Optional.of(failed), Optional.empty()));
            } finally {
                helpers.ends(seed);
            }
        }
        task.endSeeding();
        listener.seedFailed(task, peer, origin);
    }

    /** Addresses of the seed peers that the manager lists become hosts, so that their messages name somebody known. */
    public static List<ServerAddress> enter(Swarm swarm, List<dev.darter.wire.client.ClusterView.Seed> seeds) {
        return seeds.stream()
                .map(seed -> {
                    var id = HostId.of(seed.ip(), seed.hostname());
                    var known = swarm.host(id);
                    swarm.host(
                            new PeerHost(
                                    id,
                                    seed.ip(),
                                    seed.port(),
                                    seed.downloadPort(),
                                    seed.hostname(),
                                    seed.location(),
                                    seed.idc()),
                            HostType.SUPER,
                            known.isPresent() && known.get().isDarter());
                    return new ServerAddress(seed.ip(), seed.hostname(), seed.port(), 0);
                })
                .toList();
    }

    /** One conversation with one seed peer. Used by one thread. */
    private final class Fetch {
        private final Task task;
        private final ServerAddress address;
        private final Listener listener;
        private final Runnable help;
        private Optional<PeerId> peer = Optional.empty();
        private boolean helped;
        private boolean done;

        /** @param help makes others read it, too */
        Fetch(Task task, ServerAddress address, Listener listener, Runnable help) {
            this.task = task;
            this.address = address;
            this.listener = listener;
            this.help = help;
        }

        SeedOrder order(int seeds) {
            var host = swarm.host(HostId.of(address.ip(), address.hostname()));
            return new SeedOrder(host.flatMap(reader -> warrant.issue(task, reader)), new SeedShare(seeds, false));
        }

        void take(SeedPeerClient.Seeding seeding) {
            if (peer.isEmpty()) {
                // Later messages of a seed peer that reuses what it has carry another id: only the first one counts.
                var id = new PeerId(seeding.peerId());
                Host host = swarm.host(seeding.hostId())
                        .orElseThrow(() -> new CodedException(
                                ErrorCode.CLIENT_ERROR,
                                "seed peer " + address.ip() + ": host id " + seeding.hostId()
                                        + " (expected: that of the address and host name which the manager lists)"));
                if (seeding.darter()) {
                    host.saidItIsDarter(); // it may not have announced itself yet
                }
                task.readBy(seeding.signs());
                peer = Optional.of(id);
                listener.seedBegan(task, id, host);
            }
            if (!helped && seeding.contentLength() >= SeedShare.LEAST_LENGTH) {
                helped = true;
                if (!seeding.reuse()) {
                    help.run();
                }
            }
            PeerId seed = peer.get();
            seeding.piece().ifPresent(piece -> {
                listener.seedGot(task, seed, piece, seeding.reuse());
                swarm.peer(seed).ifPresent(known -> metrics.seeded(known, seeding.reuse(), piece.length()));
            });
            if (seeding.done()) {
                done = true;
                listener.seedDone(task, seed, seeding.contentLength(), seeding.totalPieces());
            }
        }
    }
}
