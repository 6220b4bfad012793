package dev.darter.app.serve;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish of the outside that this process end, by Ctrl-C or SIGTERM. The thread that works asks for it, ends what it started, and says
 * so; only then the process ends, with the code that the work came to instead of the signal's. Any thread may call it.
 */
public final class StopSignal {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile int exitCode;

    /** The thread that starts something, which may wait long, for a database say. */
    private Optional<Thread> starting = Optional.empty();

    private StopSignal() {}

    /** From here on a signal waits for {@link #ended}. */
    public static StopSignal install() {
        var signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::hook, "stop"));
        return signal;
    }

    /** For those who end what they start by themselves. */
    public static StopSignal never() {
        return new StopSignal();
    }

    private void hook() {
        if (ended.getCount() == 0) {
            return; // no signal: the program ends by itself
        }
        asked.countDown();
        synchronized (this) {
            starting.ifPresent(Thread::interrupt);
        }
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exitCode);
    }

    /** This thread starts something now; the wish interrupts it. */
    synchronized void starting() throws InterruptedException {
        check();
        starting = Optional.of(Thread.currentThread());
    }

    /** What this thread started runs: from now on it is ended in order, also when the wish came in the last moment of the start. */
    synchronized void started() {
        starting = Optional.empty();
        var _ = Thread.interrupted();
    }

    /** The wish of somebody inside: what runs is not needed any more. */
    void ask() {
        asked.countDown();
    }

    /** Waits for the wish. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /** Waits for the wish, but not for ever. */
    public boolean await(long millis) throws InterruptedException {
        return asked.await(millis, TimeUnit.MILLISECONDS);
    }

    /** @throws InterruptedException if the process is to end: there is no point in starting more */
    public void check() throws InterruptedException {
        if (asked.getCount() == 0) {
            throw new InterruptedException("told to stop");
        }
    }

    /** Everything is in order; gives back the code. */
    public int ended(int code) {
        exitCode = code;
        ended.countDown();
        return code;
    }
}
