package dev.darter.peer.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What happened to a download and was not taken yet, in order. Most of it is news that change nothing while all requests are open that may
 * be: waking a thread for each would cost more than the transfers. So there are events that do not wake the taker while it is busy; they are taken
 * together with the next one that does. Any thread may add; one takes.
 */
final class ExchangeEvents {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<ExchangeEvent> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean wake;

    @GuardedBy("lock")
    private boolean busy;

    /** Adds what the taker must see at once. */
    void add(ExchangeEvent event) {
        add(event, true);
    }

    /** Adds what the taker must see at once only when it has nothing to do. */
    void addQuietly(ExchangeEvent event) {
        add(event, false);
    }

    private void add(ExchangeEvent event, boolean urgent) {
        lock.lock();
        try {
            waiting.add(event);
            if (!wake && (urgent || !busy)) {
                wake = true;
                woken.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next event, waiting for one.
     *
     * @param takerIsBusy whether quiet events may wait for others
     * @return empty when the time is over and nothing happened
     */
    Optional<ExchangeEvent> take(long nanos, boolean takerIsBusy) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            busy = takerIsBusy;
            wake |= !busy && !waiting.isEmpty();
            long left = nanos;
            while (!wake && left > 0) {
                left = woken.awaitNanos(left);
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** The next event that is here. */
    Optional<ExchangeEvent> poll() {
        lock.lock();
        try {
            return next();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Optional<ExchangeEvent> next() {
        Optional<ExchangeEvent> event = Optional.ofNullable(waiting.poll());
        wake &= !waiting.isEmpty();
        return event;
    }
}
