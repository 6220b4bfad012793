package dev.darter.peer.scheduler;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.darter.wire.client.SchedulerClient;
import dev.darter.wire.rpc.RpcRuntime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link SchedulerClient} at the schedulers that answer: every ten seconds, and soon after one did not. Any thread
 * may call it.
 */
public final class SchedulerFinder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerFinder.class);
    private static final Duration ROUND = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    /** A scheduler that refuses connections must not make its daemons storm the manager. */
    private static final Duration CALM = Duration.ofSeconds(1);

    private final SchedulerLists lists;
    private final Consumer<Boolean> onRound;
    private final Semaphore lookNow = new Semaphore(0);
    private final CountDownLatch looked = new CountDownLatch(1);
    private final SchedulerClient client;
    private final Thread thread;

    private SchedulerFinder(RpcRuntime runtime, SchedulerLists lists, Consumer<Boolean> onRound) {
        this.lists = lists;
        this.onRound = onRound;
        this.client = new SchedulerClient(runtime, lookNow::release);
        this.thread = Thread.ofVirtual().name("scheduler-finder").unstarted(this::lookForEver);
    }

    /**
     * Begins to look.
     *
     * @param onRound told after every round whether any scheduler is known, reachable or not
     */
    public static SchedulerFinder start(RpcRuntime runtime, SchedulerLists lists, Consumer<Boolean> onRound) {
        var finder = new SchedulerFinder(runtime, lists, onRound);
        finder.thread.start();
        return finder;
    }

    public SchedulerClient client() {
        return client;
    }

    /**
     * Waits until somebody has looked for schedulers at least once: a download that comes right after the start must not take
     * the origin for the only source.
     *
     * @return whether any scheduler answers
     */
    @CanIgnoreReturnValue
    public boolean awaitFirstRound(Duration timeout) throws InterruptedException {
        return looked.await(timeout.toNanos(), TimeUnit.NANOSECONDS) && client.isReady();
    }

    @Override
    public void close() {
        thread.interrupt();
        client.close();
    }

    private void lookForEver() {
        boolean urgent = false;
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                // While nobody answers the next look comes soon: a whole cluster may be starting beside us.
                pause = look(urgent) ? ROUND : shorter(pause.multipliedBy(2), ROUND);
                urgent = lookNow.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                if (urgent) {
                    Thread.sleep(CALM);
                    lookNow.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            // the daemon stops
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Whether any scheduler answers. */
    private boolean look(boolean urgent) throws InterruptedException {
        var before = client.members();
        var addresses = lists.list(urgent);
        boolean reached = !addresses.isEmpty() && client.update(addresses);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        var now = client.members();
        if (!now.equals(before)) {
            LOG.atInfo().addKeyValue("schedulers", now).log("schedulers in use changed");
        } else if (!reached && looked.getCount() > 0) {
            LOG.atWarn().addKeyValue("known", addresses.size()).log("no scheduler answers yet");
        }
        looked.countDown();
        onRound.accept(!addresses.isEmpty());
        return reached;
    }
}
