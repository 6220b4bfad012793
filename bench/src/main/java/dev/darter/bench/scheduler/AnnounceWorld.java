package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.SchedulerConfig;
import dev.darter.scheduler.announce.Announcements;
import dev.darter.scheduler.announce.HostAnnouncements;
import dev.darter.scheduler.announce.Office;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.seedpeer.PeerMetrics;
import dev.darter.scheduler.seedpeer.PlaceMetrics;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.wire.client.SeedPeerClient;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.SchedulerMetrics;
import dev.darter.wire.rpc.RpcRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A scheduler's announcements with the peers that it knows, and without a wire: calls go straight into the classes that the services call. Fresh
 * peers stay until 50 others have come, so that the swarm keeps its size. Not for several threads.
 */
final class AnnounceWorld implements AutoCloseable {
    static final int PIECES = 64;

    private static final Population POPULATION = new Population(50, PIECES, 4, true);
    private static final int STAY = 50;
    private static final int FRESH = 4_096;
    private static final int FIRST_FRESH = 1 << 20;

    private final Swarm swarm = new Swarm(InstantSource.system());
    private final RpcRuntime runtime = new RpcRuntime();
    private final SeedPeerClient noSeeds = new SeedPeerClient(runtime);
    private final Office office;
    private final Announcements announcements;
    private final List<List<Piece>> pieces;
    private final List<Announcements.Registration> fresh;
    private final ArrayDeque<Peer> here = new ArrayDeque<>();
    private int next;

    /**
     * @param peers known: whole tasks, and a tenth that runs
     * @param streams how many may run at most
     */
    AnnounceWorld(int peers, int streams) {
        var registry = new MetricRegistry(InstantSource.system());
        var seedPeers = new SeedPeers(
                noSeeds,
                swarm,
                Duration.ofHours(1),
                1,
                new PeerMetrics(new SchedulerMetrics(registry), new PlaceMetrics(registry), swarm, false),
                (_, _) -> Optional.empty());
        var nowhere = Path.of("/nonexistent");
        office = Office.open(
                SchedulerConfig.of(
                        new SchedulerConfig.Server("127.0.0.1", 0, "127.0.0.1", 0, "bench"),
                        Optional.<SchedulerConfig.Manager>empty(),
                        nowhere,
                        nowhere),
                swarm,
                seedPeers,
                () -> ClusterConfig.UNKNOWN,
                false,
                RandomGenerator.of("L64X128MixRandom"));
        announcements = office.announcements();
        pieces = IntStream.range(0, POPULATION.tasks())
                .mapToObj(task -> IntStream.range(0, PIECES)
                        .mapToObj(number -> CommonMapper.piece(POPULATION.piece(task, number)))
                        .toList())
                .toList();
        fresh = IntStream.range(0, FRESH)
                .mapToObj(i -> registration(FIRST_FRESH + i, i % POPULATION.tasks()))
                .toList();
        populate(peers, Math.min(streams, peers / 10));
    }

    private void populate(int peers, int running) {
        var runners = new ArrayList<Announcements.Registration>();
        for (int i = 0; i < peers; i++) {
            int host = i / POPULATION.tasks();
            int task = i % POPULATION.tasks();
            if ((host + task) % 10 == 9 && runners.size() < running) {
                runners.add(registration(host, task));
            } else {
                office.hosts().announceTask(held(host, task));
            }
        }
        for (Announcements.Registration runner : runners) {
            var _ = begin(runner);
        }
    }

    private static Announcements.Registration registration(int host, int task) {
        var request = POPULATION.registration(host, task);
        PeerHost from = CommonMapper.peerHost(request.getPeerHost());
        return new Announcements.Registration(
                new TaskId(request.getTaskId()),
                request.getUrl(),
                UrlMeta.NONE,
                new PeerId(request.getPeerId()),
                from,
                true);
    }

    private HostAnnouncements.Held held(int host, int task) {
        var who = registration(host, task);
        return new HostAnnouncements.Held(
                who.task(),
                TaskType.STANDARD,
                who.url(),
                who.meta(),
                who.peer(),
                who.host(),
                true,
                pieces.get(task),
                PIECES * pieces.get(task).getFirst().length(),
                PIECES);
    }

    int known() {
        return swarm.peers().size();
    }

    /** A fresh peer registers, opens its stream, begins, and has its first parents; one of the earlier ones leaves. */
    int register() {
        Stream stream = begin(nextFresh());
        stay(stream.peer);
        return stream.parents.size();
    }

    /** As {@link #register}; the peer then reports every piece, one at a time, and that it is done. */
    int download() {
        int task = next % POPULATION.tasks();
        Stream stream = begin(nextFresh());
        for (Piece piece : pieces.get(task)) {
            announcements.pieceFinished(
                    stream.peer, Optional.of(stream.parents.getFirst().peer()), piece);
        }
        announcements.finished(
                stream.peer.id(), true, PIECES * pieces.get(task).getFirst().length(), PIECES, Optional.empty());
        stay(stream.peer);
        return stream.parents.size();
    }

    private Announcements.Registration nextFresh() {
        Announcements.Registration registration = fresh.get(next);
        next = (next + 1) % FRESH;
        return registration;
    }

    private Stream begin(Announcements.Registration registration) {
        var _ = announcements.register(registration);
        var stream = new Stream();
        stream.peer = announcements.connect(registration.peer(), stream);
        announcements.begin(stream.peer);
        if (stream.parents.isEmpty()) {
            throw new LabException("peer " + registration.peer() + ": no parents (expected: some at once)");
        }
        return stream;
    }

    private void stay(Peer peer) {
        here.add(peer);
        if (here.size() > STAY) {
            Peer leaver = here.remove();
            announcements.leaveTask(leaver.id());
            var _ = swarm.remove(leaver);
        }
    }

    @Override
    public void close() {
        office.close();
        noSeeds.close();
        runtime.close();
    }

    /** What a peer is told; guarded by nothing, since whoever reads it is told on its own thread first. */
    private static final class Stream implements Peer.Outbox {
        private volatile List<Notice.Parent> parents = List.of();
        private Peer peer;

        @SuppressWarnings("NullAway.Init") // connecting needs the stream, and gives the peer
        Stream() {}

        @Override
        public void send(Peer to, Notice notice) {
            if (notice instanceof Notice.Parents(var told)) {
                parents = told;
            }
        }
    }
}
