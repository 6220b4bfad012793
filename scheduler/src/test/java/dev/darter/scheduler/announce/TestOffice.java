package dev.darter.scheduler.announce;

import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.TestClock;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.scheduling.Scheduling;
import dev.darter.scheduler.seedpeer.PeerMetrics;
import dev.darter.scheduler.seedpeer.PlaceMetrics;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.scheduler.swarm.Task;
import dev.darter.wire.client.SeedPeerClient;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.SchedulerMetrics;
import dev.darter.wire.rpc.RpcRuntime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;

/** Announcements without a wire: time goes and rounds happen when a test says so; what peers are told is kept. */
final class TestOffice implements AutoCloseable {
    static final TaskId TASK = new TaskId("task");
    static final Duration OFFER = Duration.ofSeconds(1);
    static final Duration GIVE_UP = Duration.ofSeconds(2);

    final TestClock clock = new TestClock();
    final Swarm swarm = new Swarm(clock);
    final Matchmaker matchmaker;
    final Announcements announcements;
    final HostAnnouncements hosts;
    final Seeding seeding;
    final Housekeeping housekeeping;
    private final RpcRuntime runtime = new RpcRuntime();
    private final SeedPeerClient noSeeds = new SeedPeerClient(runtime);
    private final TinyContents tinyContents = new TinyContents();
    private final MetricRegistry metrics = new MetricRegistry(InstantSource.system());
    private int decisions;

    /** @param settling how long nobody is sent to the source */
    TestOffice(Duration settling) {
        matchmaker = new Matchmaker(
                swarm,
                new Scheduling(OFFER, GIVE_UP),
                () -> {
                    decisions++; // every decision looks at the cluster's limits, once
                    return ClusterConfig.UNKNOWN;
                },
                RandomGenerator.of("L64X128MixRandom"),
                3,
                settling.isZero() ? 0 : swarm.now() + settling.toMillis());
        var leases = new HostLeases(swarm, matchmaker);
        hosts = new HostAnnouncements(swarm, matchmaker, leases, tinyContents, () -> ClusterConfig.UNKNOWN);
        announcements = new Announcements(
                swarm,
                matchmaker,
                leases,
                new SeedPeers(
                        noSeeds,
                        swarm,
                        Duration.ofHours(1),
                        1,
                        new PeerMetrics(new SchedulerMetrics(metrics), new PlaceMetrics(metrics), swarm, false),
                        (_, _) -> Optional.empty()),
                tinyContents,
                () -> ClusterConfig.UNKNOWN,
                true,
                4);
        seeding = new Seeding(announcements);
        housekeeping = new Housekeeping(
                swarm, matchmaker, leases, Duration.ofMinutes(30), Duration.ofHours(24), Duration.ofHours(1));
    }

    TestOffice() {
        this(Duration.ZERO);
    }

    /** Times that somebody's parents were looked for so far. */
    int decisions() {
        return decisions;
    }

    /** A peer with the stream that it opened. */
    record Client(Peer peer, Stream stream) {
        List<Notice> told() {
            return stream.told;
        }

        boolean isAtSource() {
            return told().contains(new Notice.BackToSource(false));
        }

        List<PeerId> parents() {
            return told().stream()
                    .filter(Notice.Parents.class::isInstance)
                    .map(Notice.Parents.class::cast)
                    .reduce((_, last) -> last)
                    .map(last ->
                            last.parents().stream().map(Notice.Parent::peer).toList())
                    .orElse(List.of());
        }
    }

    static final class Stream implements Peer.Outbox {
        final List<Notice> told = new CopyOnWriteArrayList<>();

        @Override
        public void send(Peer to, Notice notice) {
            told.add(notice);
        }
    }

    Announcements.Registered register(String name, UrlMeta meta) {
        return register(Hosts.named(name), meta, false);
    }

    private Announcements.Registered register(PeerHost host, UrlMeta meta, boolean darter) {
        return announcements.register(new Announcements.Registration(
                TASK, "http://origin/a", meta, new PeerId(host.hostname()), host, darter));
    }

    Client connect(String name) {
        var stream = new Stream();
        return new Client(announcements.connect(new PeerId(name), stream), stream);
    }

    /** Registers, connects, begins. */
    Client start(String name) {
        return start(name, UrlMeta.NONE);
    }

    Client start(String name, UrlMeta meta) {
        var _ = register(name, meta);
        Client client = connect(name);
        announcements.begin(client.peer());
        return client;
    }

    /** As {@link #start(String)}, a peer of ours. */
    Client startDarter(String name) {
        return startDarter(Hosts.named(name));
    }

    Client startDarter(PeerHost host) {
        var _ = register(host, UrlMeta.NONE, true);
        Client client = connect(host.hostname());
        announcements.begin(client.peer());
        return client;
    }

    void pass(Duration time) {
        clock.pass(time);
        matchmaker.tick();
    }

    Task task() {
        return swarm.task(TASK).orElseThrow();
    }

    /** A seed peer that has begun to fetch. */
    PeerId seedBegins(String name) {
        return seedBegins(Hosts.named(name), false);
    }

    /** A seed peer of ours somewhere. */
    PeerId seedBegins(String name, String idc) {
        return seedBegins(Hosts.at(name, idc, ""), true);
    }

    private PeerId seedBegins(PeerHost address, boolean darter) {
        String name = address.hostname();
        Host host = swarm.host(address, HostType.SUPER, darter);
        Task task = swarm.task(TASK, TaskType.STANDARD, "http://origin/a", UrlMeta.NONE);
        var _ = task.beginSeeding();
        var peer = new PeerId(name);
        seeding.seedBegan(task, peer, host);
        return peer;
    }

    void seedGets(PeerId seed, int piece) {
        seeding.seedGot(task(), seed, piece(piece), false);
    }

    void seedEnds(PeerId seed, long length, int pieces) {
        seeding.seedDone(task(), seed, length, pieces);
        task().endSeeding();
    }

    void seedDies(PeerId seed) {
        task().endSeeding();
        seeding.seedFailed(task(), Optional.of(seed), Optional.empty());
    }

    static Piece piece(int number) {
        return new Piece(number, (long) number << 22, 1 << 22, Optional.empty());
    }

    @Override
    public void close() {
        tinyContents.close();
        noSeeds.close();
        runtime.close();
    }
}
