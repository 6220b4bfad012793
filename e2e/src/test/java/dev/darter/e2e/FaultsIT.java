package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every part is killed while a download runs. One cluster serves all tests: each brings back what it took away, and uses a file of its
 * own. The origin is slow, so that there is a middle of a download.
 */
final class FaultsIT {
    private static final long FILE = 32 << 20;
    private static final long SOME = 8 << 20;

    /** Of all that leaves the origin for one file when a part dies: one fetch, and what is asked for again. */
    private static final double TWICE = 2.0;

    @TempDir
    private static Path directory;

    private static Origin origin;
    private static UpCluster cluster;

    @BeforeAll
    static void start() throws IOException {
        origin = Origin.on(directory.resolve("origin"));
        origin.throttle("8m");
        cluster = UpCluster.startSeparate(directory.resolve("cluster"), 3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        origin.close();
    }

    @Test
    void downloadsGoOnWhileASchedulerIsGone() throws IOException {
        String sha256 = origin.put("scheduler", FILE);
        long before = origin.bodyBytes();
        try (Running get = cluster.startGet(1, origin.url("scheduler"))) {
            UpCluster.awaitBytes(get, SOME);
            cluster.kill(cluster.scheduler());
            cluster.bringBackScheduler();
            UpCluster.finish(get).mustBe(sha256);
        }
        cluster.get(2, origin.url("scheduler")).mustBe(sha256);
        assertThat((origin.bodyBytes() - before) / (double) FILE)
                .as("origin sent, in files")
                .isLessThanOrEqualTo(TWICE);
    }

    @Test
    void downloadsGoOnWhenTheSeedPeerIsKilled() throws IOException {
        String sha256 = origin.put("seed", FILE);
        try (Running get = cluster.startGet(1, origin.url("seed"))) {
            UpCluster.awaitBytes(get, SOME);
            cluster.kill(cluster.seed());
            UpCluster.finish(get).mustBe(sha256);
        }
        cluster.bringBack(cluster.seed());
        cluster.get(2, origin.url("seed")).mustBe(sha256);
    }

    @Test
    void aKilledDaemonGoesOnWhereItWas() throws IOException {
        String sha256 = origin.put("daemon", FILE);
        try (Running get = cluster.startGet(1, origin.url("daemon"))) {
            UpCluster.awaitBytes(get, SOME);
            cluster.kill(cluster.peer(1));
            assertThat(UpCluster.finish(get).code())
                    .as("exit code when the daemon dies")
                    .isEqualTo(1);
        }
        cluster.bringBack(cluster.peer(1));
        var again = cluster.get(1, origin.url("daemon")).mustBe(sha256);
        assertThat(again.from("local")).as("bytes that were there already").isGreaterThanOrEqualTo(SOME / 2);
    }

    @Test
    void nobodyMissesAManagerThatIsGone() throws IOException {
        String sha256 = origin.put("manager", FILE);
        try (Running get = cluster.startGet(1, origin.url("manager"))) {
            UpCluster.awaitBytes(get, SOME);
            cluster.kill(cluster.manager());
            UpCluster.finish(get).mustBe(sha256);
        }
        var second = cluster.get(2, origin.url("manager")).mustBe(sha256);
        assertThat(second.from("peer")).isEqualTo(FILE);
        cluster.bringBackManager();
    }

    @Test
    void anOriginThatStallsForAWhileIsWaitedFor() throws IOException, InterruptedException {
        String sha256 = origin.put("stall", FILE);
        try (Running get = cluster.startGet(1, origin.url("stall"))) {
            UpCluster.awaitBytes(get, SOME);
            origin.pause();
            get.awaitSilence(Duration.ofSeconds(3));
            origin.resume();
            UpCluster.finish(get).mustBe(sha256);
        }
    }

    @Test
    void aDaemonThatIsToldToStopFinishesWhatItDoes() throws IOException {
        String sha256 = origin.put("drain", FILE);
        cluster.kill(cluster.peer(3));
        Running daemon = cluster.bringBack(cluster.peer(3));
        try (Running get = cluster.startGet(3, origin.url("drain"))) {
            UpCluster.awaitBytes(get, SOME);
            daemon.tellToStop();
            UpCluster.finish(get).mustBe(sha256);
        }
        daemon.awaitEnd();
        cluster.bringBack(cluster.peer(3));
    }
}
