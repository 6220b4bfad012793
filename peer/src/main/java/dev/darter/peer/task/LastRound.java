package dev.darter.peer.task;

/** How work on a thread of its own ends that goes along with a reading of the origin. */
final class LastRound {
    private LastRound() {}

    /** Waits for the thread, then does what is left. Whoever interrupts is heard only after: an interrupt would close files. */
    static void after(Thread thread, Runnable rest) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        rest.run();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
