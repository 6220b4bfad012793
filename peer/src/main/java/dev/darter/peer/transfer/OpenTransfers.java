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

    /** What became of a transfer that wanted to begin. */
    enum Turn {
        BEGUN,
        WAITS,
        SENT_AWAY
    }

    /** @param longestQueue who comes when so many wait is sent away */
    OpenTransfers(int limit, int longestQueue) {
        this.limit = limit;
        this.longestQueue = longestQueue;
    }

    /** Runs {@code transfer} now or when its turn comes, unless too many wait; it must call {@link #end} once. */
    Turn begin(Runnable transfer) {
        synchronized (this) {
            if (open >= limit) {
                if (waiting.size() >= longestQueue) {
                    return Turn.SENT_AWAY;
                }
                waiting.add(transfer);
                return Turn.WAITS;
            }
            open++;
        }
        transfer.run();
        return Turn.BEGUN;
    }

    /** Runs a transfer that still waits for its turn, however many are open. */
    void hurry(Runnable transfer) {
        synchronized (this) {
            if (!waiting.remove(transfer)) {
                return;
            }
            open++;
        }
        transfer.run();
    }

    /** @return whether it still waited for its turn, which it now never gets */
    synchronized boolean withdraw(Runnable transfer) {
        return waiting.remove(transfer);
    }

    void end() {
        Runnable next;
        synchronized (this) {
            open--;
            next = open < limit ? waiting.poll() : null;
            if (next == null) {
                return;
            }
            open++;
        }
        next.run();
    }
}
