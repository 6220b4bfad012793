package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.darter.core.Integrity;
import dev.darter.peer.scheduler.Instruction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ExchangeEventsTest {
    private static final ExchangeEvent ONE =
            new ExchangeEvent.Told(new Instruction.BackToSource(Optional.empty(), false));
    private static final ExchangeEvent OTHER =
            new ExchangeEvent.Told(new Instruction.Parents(List.of(), Integrity.UNKNOWN));
    private static final long LONG = Duration.ofMinutes(1).toNanos();

    private final ExchangeEvents events = new ExchangeEvents();

    @Test
    void aBusyTakerGetsQuietEventsWithTheNextOther() throws Exception {
        var taken = taking(true);
        events.addQuietly(ONE);
        assertThat(taken).isNotDone();

        events.add(OTHER);

        assertThat(taken.join()).contains(ONE);
        assertThat(events.poll()).contains(OTHER);
        assertThat(events.poll()).isEmpty();
    }

    @Test
    void anIdleTakerIsWokenByQuietEvents() throws Exception {
        var taken = taking(false);

        events.addQuietly(ONE);

        assertThat(taken.join()).contains(ONE);
    }

    @Test
    void whoBecomesIdleGetsWhatWaitedQuietly() throws Exception {
        assertThat(events.take(1, true)).isEmpty();
        events.addQuietly(ONE);

        assertThat(events.take(LONG, false)).contains(ONE);
    }

    @Test
    void nothingIsKeptBeyondTheTime() throws Exception {
        assertThat(events.take(1, true)).isEmpty();
        events.addQuietly(ONE);

        assertThat(events.take(1, true)).contains(ONE);
        assertThat(events.take(1, true)).isEmpty();
    }

    /** Of two urgent events the second is not forgotten with the first. */
    @Test
    void wakesForEveryUrgentEvent() throws Exception {
        events.add(ONE);
        events.add(OTHER);

        assertThat(events.take(LONG, true)).contains(ONE);
        assertThat(events.take(LONG, true)).contains(OTHER);
    }

    private CompletableFuture<Optional<ExchangeEvent>> taking(boolean busy) {
        var taken = new CompletableFuture<Optional<ExchangeEvent>>();
        Thread taker = Thread.ofPlatform().daemon().start(() -> {
            try {
                taken.complete(events.take(LONG, busy));
            } catch (InterruptedException e) {
                taken.completeExceptionally(e);
            }
        });
        await().until(() -> taker.getState() == Thread.State.TIMED_WAITING);
        return taken;
    }
}
