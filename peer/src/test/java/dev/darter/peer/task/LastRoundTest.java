package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LastRoundTest {
    @Test
    void anInterruptDoesNotReachWhatIsLeftAndIsNotForgotten() throws Exception {
        var working = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var disturbed = new AtomicBoolean();
        var heard = new AtomicBoolean();
        Thread dead = Thread.ofVirtual().start(() -> {});
        dead.join();
        Thread caller = Thread.ofVirtual().unstarted(() -> {
            Thread.currentThread().interrupt(); // before
            LastRound.after(dead, () -> {
                working.countDown();
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    disturbed.set(true);
                }
                disturbed.compareAndSet(false, Thread.currentThread().isInterrupted());
            });
            heard.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        working.await();
        caller.interrupt(); // and while it works
        mayEnd.countDown();
        caller.join();

        assertThat(disturbed).isFalse();
        assertThat(heard).isTrue();
    }

    @Test
    void waitsForTheThreadFirst() throws Exception {
        var first = new AtomicBoolean();
        var inOrder = new AtomicBoolean();
        var called = new CountDownLatch(1);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                called.await();
                first.set(true);
            } catch (InterruptedException e) {
                // it stays unset
            }
        });

        called.countDown();
        LastRound.after(thread, () -> inOrder.set(first.get()));

        assertThat(inOrder).isTrue();
    }
}
