package dev.darter.scheduler.announce;

import dev.darter.scheduler.SchedulerConfig;
import dev.darter.scheduler.dynconfig.ClusterConfig;
import dev.darter.scheduler.scheduling.Scheduling;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Swarm;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The announcements with what runs beside them: the clock that comes back to waiting peers, and the one that forgets. */
public final class Office implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Office.class);

    /** After a start, holders announce what they have within this time; until then nobody is sent to the source. */
    private static final Duration SETTLING = Duration.ofSeconds(10);

    /** Only so that a clock that was set does not matter for long. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final TinyContents tinyContents = new TinyContents();
    private final Announcements announcements;
    private final HostAnnouncements hosts;
    private final OriginReaders originReaders;
    private final Thread waker;
    private final Thread keeper;

    private Office(
            SchedulerConfig config,
            Swarm swarm,
            SeedPeers seedPeers,
            Supplier<ClusterConfig> cluster,
            boolean restarted,
            RandomGenerator random) {
        SchedulerConfig.Policy policy = config.policy();
        var scheduling = new Scheduling(
                policy.retryInterval().multipliedBy(Math.max(0, policy.retryBackToSourceLimit())),
                policy.retryInterval().multipliedBy(policy.retryLimit()));
        long sourceOpensAt = restarted ? swarm.now() + SETTLING.toMillis() : 0;
        var matchmaker = new Matchmaker(swarm, scheduling, cluster, random, policy.backToSourceCount(), sourceOpensAt);
        var leases = new HostLeases(swarm, matchmaker);
        this.hosts = new HostAnnouncements(swarm, matchmaker, leases, tinyContents, cluster);
        this.announcements = new Announcements(
                swarm,
                matchmaker,
                leases,
                seedPeers,
                tinyContents,
                cluster,
                config.seedPeer().enable(),
                policy.seedingsPerSeed());
        this.originReaders =
                new OriginReaders(swarm, policy.originBudget(), policy.backToSourceCount(), sourceOpensAt, random);
        var expiry = config.expiry();
        var housekeeping = new Housekeeping(
                swarm, matchmaker, leases, expiry.pieceDownloadTimeout(), expiry.peerTtl(), expiry.hostTtl());
        this.waker = Thread.ofVirtual().name("waker").unstarted(() -> wake(matchmaker));
        this.keeper = Thread.ofVirtual().name("housekeeping").unstarted(() -> keep(expiry, housekeeping));
    }

    /**
     * Opens.
     *
     * @param restarted whether an earlier process may have had a swarm that will announce itself again
     */
    public static Office open(
            SchedulerConfig config,
            Swarm swarm,
            SeedPeers seedPeers,
            Supplier<ClusterConfig> cluster,
            boolean restarted,
            RandomGenerator random) {
        var office = new Office(config, swarm, seedPeers, cluster, restarted, random);
        office.waker.start();
        office.keeper.start();
        return office;
    }

    public Announcements announcements() {
        return announcements;
    }

    public HostAnnouncements hosts() {
        return hosts;
    }

    public OriginReaders originReaders() {
        return originReaders;
    }

    @Override
    public void close() {
        waker.interrupt();
        keeper.interrupt();
        tinyContents.close();
    }

    private static void wake(Matchmaker matchmaker) {
        try {
            while (true) {
                matchmaker.awaitDue(LONGEST_WAIT);
                try {
                    matchmaker.tick();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("a reminder failed; the next one comes");
                }
            }
        } catch (InterruptedException e) {
            // the scheduler closes
        }
    }

    private static void keep(SchedulerConfig.Expiry expiry, Housekeeping housekeeping) {
        long[] next = {0, 0};
        every(expiry.peerGcInterval(), () -> {
            long now = System.nanoTime();
            housekeeping.collectPeers();
            if (now >= next[0]) {
                next[0] = now + expiry.taskGcInterval().toNanos();
                housekeeping.collectTasks();
            }
            if (now >= next[1]) {
                next[1] = now + expiry.hostGcInterval().toNanos();
                housekeeping.collectHosts();
            }
        });
    }

    private static void every(Duration interval, Runnable work) {
        try {
            while (true) {
                Thread.sleep(interval);
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("a round failed; the next one comes");
                }
            }
        } catch (InterruptedException e) {
            // the scheduler closes
        }
    }
}
