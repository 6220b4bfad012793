package dev.darter.scheduler.announce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.TestClock;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;
import org.junit.jupiter.api.Test;

final class RemindersTest {
    private final Swarm swarm = new Swarm(new TestClock());
    private final Reminders reminders = new Reminders();
    private final Peer a = peer("a");
    private final Peer b = peer("b");

    @Test
    void theEarliestComesFirstAndNotBeforeItsTime() {
        reminders.at(20, a);
        reminders.at(10, b);

        assertThat(reminders.poll(9)).isEmpty();
        assertThat(reminders.poll(20)).contains(b);
        assertThat(reminders.poll(20)).contains(a);
        assertThat(reminders.poll(20)).isEmpty();
    }

    @Test
    void aPeerIsThereOnceAtTheEarliestOfItsTimes() {
        reminders.at(20, a);
        reminders.at(10, a);
        reminders.at(30, a);
        assertThat(reminders.size()).isEqualTo(1);

        assertThat(reminders.poll(10)).contains(a);
        assertThat(reminders.poll(100)).isEmpty();
    }

    @Test
    void whoIsDueAtTheSameTimeComesInTheOrderOfEntry() {
        reminders.at(10, b);
        reminders.at(10, a);

        assertThat(reminders.poll(10)).contains(b);
        assertThat(reminders.poll(10)).contains(a);
    }

    @Test
    void whoeverWaitsIsWokenByAnEarlierOne() throws InterruptedException {
        reminders.at(Long.MAX_VALUE, a);
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                while (reminders.poll(5).isEmpty()) {
                    reminders.await(0, 60_000);
                }
            } catch (InterruptedException e) {
                // the test is over
            }
        });

        reminders.at(5, b);
        waiter.join();

        assertThat(reminders.size()).isEqualTo(1);
    }

    private Peer peer(String name) {
        var task = swarm.task(new TaskId("task"), TaskType.STANDARD, "http://origin/a", UrlMeta.NONE);
        return swarm.peer(new PeerId(name), task, swarm.registering(Hosts.named(name), true), Priority.LEVEL0);
    }
}
