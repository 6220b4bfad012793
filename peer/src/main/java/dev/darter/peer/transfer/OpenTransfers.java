package dev.darter.peer.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;

/** How many transfers run at once; who comes later is run when one ends, in order. Any thread may call it. */
final class OpenTransfers {
    private final int limit;
    private final int longestQueue;

    @GuardedBy("this")
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int open;

    /** @param longestQueue who comes when so many wait is sent away */
    OpenTransfers(int limit, int longestQueue) {
        this.limit = limit;
        this.longestQueue = longestQueue;
    }

    /**
     * Runs {@code transfer} now or when its turn comes; it must call {@link #end} once.
     *
     * @return false when too many wait; it is not run then
     */
    boolean begin(Runnable transfer) {
        synchronized (this) {
            if (open >= limit) {
                if (waiting.size() >= longestQueue) {
                    return false;
                }
                waiting.add(transfer);
                return true;
            }
            open++;
        }
        transfer.run();
        return true;
    }

    void end() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                open--;
                return;
            }
        }
        next.run();
    }
}
