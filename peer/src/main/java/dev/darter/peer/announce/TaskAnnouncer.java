package dev.darter.peer.announce;

import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.peer.scheduler.Holdings;
import dev.darter.peer.storage.Storage;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.HeldTask;
import dev.darter.wire.client.SchedulerClient;
import dev.darter.wire.client.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps schedulers right about the whole tasks that this host holds. What they do not know is announced; what is gone is
 * left. Whether they still know is found out by asking about a few tasks in every round: a scheduler that was restarted has
 * forgotten all of them, and says so nowhere. When one of a few is unknown, more are asked about.
 */
public final class TaskAnnouncer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskAnnouncer.class);
    private static final Duration ROUND = Duration.ofSeconds(3);
    private static final int FIRST_SAMPLE = 3;
    private static final int SAMPLE_GROWTH = 8;

    /** So many are announced at once; the others are spread, since all daemons of a scheduler do this at the same time. */
    private static final int AT_ONCE = 16;

    /**
     * For ten seconds a scheduler that was restarted sends nobody to the source. With a round before all of this is noticed, everything is
     * told by then.
     */
    private static final Duration SPREAD = Duration.ofSeconds(6);

    /** A scheduler that knows the task but nobody who has it is told so often, and not in every round. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final SchedulerClient schedulers;
    private final Storage storage;
    private final Holdings holdings;
    private final Predicate<TaskId> isUnsettled;
    private final PeerHost host;
    private final Map<TaskId, Long> announcedAt = new HashMap<>();
    private final Thread thread;

    private TaskAnnouncer(
            SchedulerClient schedulers,
            Storage storage,
            Holdings holdings,
            Predicate<TaskId> isUnsettled,
            PeerHost host) {
        this.schedulers = schedulers;
        this.storage = storage;
        this.holdings = holdings;
        this.isUnsettled = isUnsettled;
        this.host = host;
        this.thread = Thread.ofVirtual().name("task-announcer").unstarted(this::announceForEver);
    }

    /** @param isUnsettled whether a download will tell the scheduler itself how it ended */
    public static TaskAnnouncer start(
            SchedulerClient schedulers,
            Storage storage,
            Holdings holdings,
            Predicate<TaskId> isUnsettled,
            PeerHost host) {
        var announcer = new TaskAnnouncer(schedulers, storage, holdings, isUnsettled, host);
        announcer.thread.start();
        return announcer;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void announceForEver() {
        List<String> members = List.of();
        try {
            while (true) {
                List<String> now = schedulers.members();
                if (!now.isEmpty()) {
                    if (!members.isEmpty() && !now.equals(members)) {
                        // The ring has changed: tasks have other owners.
                        holdings.all().keySet().forEach(holdings::forget);
                    }
                    members = now;
                    round();
                }
                Thread.sleep(now.isEmpty() ? Duration.ofMillis(200) : ROUND);
            }
        } catch (InterruptedException e) {
            // the daemon stops
        }
    }

    private void round() throws InterruptedException {
        try {
            leaveWhatIsGone();
            findWhatIsForgotten();
            announceWhatIsUnknown();
        } catch (RuntimeException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("a scheduler does not answer");
        }
    }

    private void leaveWhatIsGone() {
        for (Map.Entry<TaskId, PeerId> told : holdings.all().entrySet()) {
            if (storage.find(told.getKey()).isEmpty()) {
                holdings.forget(told.getKey());
                announcedAt.remove(told.getKey());
                schedulers.leaveTask(told.getKey(), told.getValue());
            }
        }
    }

    private void findWhatIsForgotten() {
        var told = new ArrayList<>(holdings.all().keySet());
        Collections.shuffle(told, ThreadLocalRandom.current());
        int next = 0;
        int sample = FIRST_SAMPLE;
        boolean anyForgotten = true;
        while (anyForgotten && next < told.size()) {
            anyForgotten = false;
            for (int end = Math.min(told.size(), next + sample); next < end; next++) {
                if (isForgotten(told.get(next))) {
                    holdings.forget(told.get(next));
                    anyForgotten = true;
                }
            }
            sample *= SAMPLE_GROWTH;
        }
    }

    private boolean isForgotten(TaskId task) {
        Optional<TaskStatus> status = schedulers.statTask(task);
        if (status.isEmpty()) {
            return true;
        }
        long since = System.nanoTime() - announcedAt.getOrDefault(task, 0L);
        return !status.get().hasAvailablePeer() && since > AGAIN.toNanos();
    }

    private void announceWhatIsUnknown() throws InterruptedException {
        var unknown = new ArrayList<>(storage.all().stream()
                .filter(content -> content.state() == TaskContent.State.COMPLETE)
                .filter(content -> content.length().orElse(0) > 0)
                // In this order: a download notes what it told before it counts as settled.
                .filter(content -> !isUnsettled.test(content.task()))
                .filter(content -> holdings.toldAs(content.task()).isEmpty())
                .toList());
        Collections.shuffle(unknown, ThreadLocalRandom.current());
        long began = System.nanoTime();
        long[] offsets = ThreadLocalRandom.current()
                .longs(unknown.size(), 0, SPREAD.toNanos())
                .sorted()
                .toArray();
        for (int i = 0; i < unknown.size(); i++) {
            if (i >= AT_ONCE) {
                Thread.sleep(Duration.ofNanos(Math.max(0, began + offsets[i] - System.nanoTime())));
            }
            announce(unknown.get(i));
        }
        if (!unknown.isEmpty()) {
            LOG.atInfo().addKeyValue("tasks", unknown.size()).log("held tasks announced");
        }
    }

    /** Neither URL nor request are told: this host may have forgotten them, and they may hold credentials. */
    private void announce(TaskContent content) {
        schedulers.announceTask(new HeldTask(
                content.task(),
                content.peer(),
                "",
                UrlMeta.NONE,
                host,
                content.length().orElseThrow(),
                content.pieces(0, Integer.MAX_VALUE),
                content.pieceMd5Sign().orElse(""),
                TaskType.STANDARD,
                content.proofs().isWhole()));
        holdings.told(content.task(), content.peer());
        announcedAt.put(content.task(), System.nanoTime());
    }
}
