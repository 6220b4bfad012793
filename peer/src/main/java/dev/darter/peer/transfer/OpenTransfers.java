package dev.darter.peer.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;

/** How many transfers run at once; who comes later is run when one ends, in order. Any thread may call it. */
final class OpenTransfers {
    private final int limit;

    @GuardedBy("this")
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int open;

    OpenTransfers(int limit) {
        this.limit = limit;
    }

    /** Runs {@code transfer} now or when its turn comes; it must call {@link #end} once. */
    void begin(Runnable transfer) {
        synchronized (this) {
            if (open >= limit) {
                waiting.add(transfer);
                return;
            }
            open++;
        }
        transfer.run();
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
