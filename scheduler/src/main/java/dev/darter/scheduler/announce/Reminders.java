package dev.darter.scheduler.announce;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.scheduler.swarm.Peer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Peers to come back to, by time: each at most once, at the earliest of the times that were asked for. Whoever waits for the next one is
 * woken when an earlier one is entered. Any thread may call it; it calls nobody, so it may be called under any monitor.
 */
final class Reminders {
    /** @param number tells apart what is due at the same time: first come, first served */
    private record Reminder(long due, long number, Peer peer) {}

    @GuardedBy("this")
    private final TreeSet<Reminder> queue =
            new TreeSet<>(Comparator.comparingLong(Reminder::due).thenComparingLong(Reminder::number));

    @GuardedBy("this")
    private final Map<Peer, Reminder> byPeer = new HashMap<>();

    @GuardedBy("this")
    private long entered;

    /** @param due milliseconds of the swarm's clock */
    synchronized void at(long due, Peer peer) {
        Reminder known = byPeer.get(peer);
        if (known != null && known.due <= due) {
            return;
        }
        if (known != null) {
            queue.remove(known);
        }
        var reminder = new Reminder(due, entered++, peer);
        byPeer.put(peer, reminder);
        queue.add(reminder);
        if (queue.first().number == reminder.number) {
            notifyAll();
        }
    }

    /** The next one that is due by {@code now}, taken out. */
    synchronized Optional<Peer> poll(long now) {
        if (queue.isEmpty() || queue.first().due > now) {
            return Optional.empty();
        }
        Peer peer = queue.removeFirst().peer;
        byPeer.remove(peer);
        return Optional.of(peer);
    }

    synchronized int size() {
        return queue.size();
    }

    /** Waits until something is due, as the swarm's clock says {@code now} at the beginning; at most {@code mostMillis}. */
    synchronized void await(long now, long mostMillis) throws InterruptedException {
        long began = System.nanoTime();
        long left = left(now, mostMillis);
        while (left > 0) {
            wait(left);
            long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            left = Math.min(mostMillis - passed, left(now + passed, mostMillis));
        }
    }

    @GuardedBy("this")
    private long left(long now, long mostMillis) {
        return queue.isEmpty() ? mostMillis : Math.min(mostMillis, queue.first().due - now);
    }
}
