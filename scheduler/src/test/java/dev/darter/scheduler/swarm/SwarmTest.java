package dev.darter.scheduler.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.HostType;
import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class SwarmTest {
    private static final TaskId TASK = new TaskId("task");

    private final TestClock clock = new TestClock();
    private final Swarm swarm = new Swarm(clock);

    @Test
    void aHostThatRegistersKeepsTheTypeThatItAnnounced() {
        swarm.host(Hosts.named("seed"), HostType.SUPER, false);

        Host host = swarm.registering(Hosts.named("seed"), true);

        assertThat(host.type()).isEqualTo(HostType.SUPER);
        assertThat(host.isDarter()).isTrue();
        assertThat(host.freeUploads()).isEqualTo(Host.SEED_UPLOAD_LIMIT);
    }

    @Test
    void registeringTwiceIsOnePeer() {
        Task task = task();
        Host host = swarm.registering(Hosts.named("h"), false);

        Peer first = swarm.peer(new PeerId("p"), task, host, Priority.LEVEL0);

        assertThat(swarm.peer(new PeerId("p"), task, host, Priority.LEVEL3)).isSameAs(first);
        assertThat(swarm.peersOf(host.id())).containsExactly(first);
        assertThat(task.peerCount()).isEqualTo(1);
    }

    @Test
    void aPeerThatIsRemovedIsNowhereAnyMore() {
        Task task = task();
        Host host = swarm.registering(Hosts.named("h"), false);
        Peer peer = swarm.peer(new PeerId("p"), task, host, Priority.LEVEL0);

        assertThat(swarm.remove(peer)).isEmpty();

        assertThat(swarm.peer(peer.id())).isEmpty();
        assertThat(swarm.peersOf(host.id())).isEmpty();
        assertThat(task.peers()).isEmpty();
    }

    @Test
    void aTaskThatIsAskedForCountsAsUsed() {
        task();
        clock.pass(Duration.ofHours(2));

        Task again = task();
        swarm.removeIf(again, known -> swarm.now() - known.touchedAt() > 1);

        assertThat(swarm.task(TASK)).containsSame(again);
    }

    @Test
    @Timeout(60)
    void aTaskIsNeverForgottenUnderAPeerThatJoinsIt() throws InterruptedException {
        var stop = new AtomicBoolean();
        var started = new CountDownLatch(1);
        Thread keeper = Thread.ofVirtual().start(() -> {
            while (!stop.get()) {
                swarm.task(TASK).ifPresent(task -> swarm.removeIf(task, idle -> swarm.now() > idle.touchedAt() + 1));
                started.countDown();
            }
        });
        started.await();
        Host host = swarm.registering(Hosts.named("h"), false);
        for (int i = 0; i < 2_000; i++) {
            clock.pass(Duration.ofMillis(10));
            Task task = task();
            Peer peer = swarm.peer(new PeerId("p" + i), task, host, Priority.LEVEL0);
            assertThat(swarm.task(TASK)).containsSame(peer.task());
            assertThat(swarm.remove(peer)).isEmpty();
        }
        stop.set(true);
        keeper.join();
    }

    private Task task() {
        return swarm.task(TASK, TaskType.STANDARD, "http://origin/a", UrlMeta.NONE);
    }
}
