package dev.darter.peer.announce;

import dev.darter.core.HostReport;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.wire.client.SchedulerClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports this host to every scheduler: at the start, every interval, and at once when the schedulers change. */
public final class HostAnnouncer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostAnnouncer.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final SchedulerClient schedulers;
    private final PeerHost host;
    private final HostType type;
    private final Duration interval;
    private final Path dataDir;
    private final HostReport.Build build;
    private final Thread thread;

    private HostAnnouncer(
            SchedulerClient schedulers,
            PeerHost host,
            HostType type,
            Duration interval,
            Path dataDir,
            HostReport.Build build) {
        this.schedulers = schedulers;
        this.host = host;
        this.type = type;
        this.interval = interval;
        this.dataDir = dataDir;
        this.build = build;
        this.thread = Thread.ofVirtual().name("host-announcer").unstarted(this::announceForEver);
    }

    /** @param dataDir whose file system's space is reported */
    public static HostAnnouncer start(
            SchedulerClient schedulers,
            PeerHost host,
            HostType type,
            Duration interval,
            Path dataDir,
            HostReport.Build build) {
        var announcer = new HostAnnouncer(schedulers, host, type, interval, dataDir, build);
        announcer.thread.start();
        return announcer;
    }

    /** Stops to report; schedulers keep what they know. */
    @Override
    public void close() {
        thread.interrupt();
    }

    /** Says to every scheduler that this host goes away with all it holds. */
    public void leave() {
        int told = schedulers.leaveHost(host.id());
        LOG.atInfo().addKeyValue("schedulers", told).log("left the schedulers");
    }

    private void announceForEver() {
        var figures = new HostFigures(Path.of("/"), new FileSystemFigures(), dataDir);
        boolean wasTaken = false;
        try {
            while (true) {
                List<String> members = schedulers.members();
                boolean taken = !members.isEmpty() && schedulers.announceHost(report(figures)) > 0;
                if (taken != wasTaken) {
                    LOG.atInfo()
                            .addKeyValue("schedulers", members)
                            .log(taken ? "host announced" : "no scheduler takes announcements");
                }
                wasTaken = taken;
                awaitNext(members);
            }
        } catch (InterruptedException e) {
            // the daemon stops
        }
    }

    private void awaitNext(List<String> told) throws InterruptedException {
        long deadline = System.nanoTime() + interval.toNanos();
        do {
            Thread.sleep(LOOK.compareTo(interval) < 0 ? LOOK : interval);
        } while (System.nanoTime() - deadline < 0 && schedulers.members().equals(told));
    }

    private HostReport report(HostFigures figures) {
        return new HostReport(
                host,
                type,
                0,
                figures.platform(),
                figures.cpu(),
                figures.memory(),
                figures.network(host.downPort()),
                figures.disk(),
                build,
                schedulers.clusterId().orElse(0));
    }
}
