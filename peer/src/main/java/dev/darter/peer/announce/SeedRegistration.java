package dev.darter.peer.announce;

import dev.darter.wire.client.ManagerClient;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Enters a seed peer with its manager and keeps it active there, through restarts of either. */
public final class SeedRegistration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SeedRegistration.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ManagerClient manager;
    private final ManagerClient.SeedPeer seed;
    private final Duration keepAlive;
    private final Thread thread;

    private SeedRegistration(ManagerClient manager, ManagerClient.SeedPeer seed, Duration keepAlive) {
        this.manager = manager;
        this.seed = seed;
        this.keepAlive = keepAlive;
        this.thread = Thread.ofVirtual().name("seed-registration").unstarted(this::keepForEver);
    }

    public static SeedRegistration start(ManagerClient manager, ManagerClient.SeedPeer seed, Duration keepAlive) {
        var registration = new SeedRegistration(manager, seed, keepAlive);
        registration.thread.start();
        return registration;
    }

    /** Ends the stream that keeps the seed peer active; the manager takes it out of its lists. */
    @Override
    public void close() {
        thread.interrupt();
    }

    private void keepForEver() {
        boolean known = false;
        boolean complained = false;
        try {
            while (true) {
                try {
                    manager.updateSeedPeer(seed);
                    LOG.atInfo().addKeyValue("cluster", seed.clusterId()).log("seed peer entered with the manager");
                    known = true;
                    complained = false;
                    manager.keepSeedPeerAlive(seed, keepAlive);
                } catch (RuntimeException e) {
                    if (!complained) {
                        LOG.atWarn()
                                .addKeyValue("reason", e.getMessage())
                                .log(
                                        known
                                                ? "the manager is gone; it is tried again"
                                                : "the manager does not answer yet");
                    }
                    complained = true;
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            // the daemon stops
        }
    }
}
