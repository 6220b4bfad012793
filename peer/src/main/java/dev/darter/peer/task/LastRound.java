package dev.darter.peer.task;

import java.util.concurrent.CountDownLatch;

/** How work on a thread of its own ends that goes along with a reading of the origin. */
final class LastRound {
    private LastRound() {}

    /**
     * Waits for the thread, then does what is left, on one that nobody can interrupt: an interrupt would close the files that are being written, and
     * what was read would never be signed. Whoever interrupts the caller is heard only after.
     */
    static void after(Thread thread, Runnable rest) {
        boolean interrupted = false;
        var over = new CountDownLatch(1);
        Thread.ofVirtual().name(thread.getName() + "-last").start(() -> {
            try {
                join(thread);
                rest.run();
            } finally {
                over.countDown();
            }
        });
        while (over.getCount() > 0) {
            try {
                over.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody knows this thread", e);
        }
    }
}
