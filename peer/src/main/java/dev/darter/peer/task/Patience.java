package dev.darter.peer.task;

import java.time.Duration;

/**
 * Decides when a download that gets nothing has waited long enough. No clock of its own: times are readings of
 * {@link System#nanoTime} that the caller passes in. Used by one thread.
 *
 * <p>Parents that say nothing are asked for a sign of life before anybody is blamed. One that answers but has nothing new is
 * blamed only after several rounds: the origin behind it may be slow, and a child that leaves it would have to go to the
 * same origin.
 */
final class Patience {
    private static final int IDLE_ROUNDS = 4;

    enum Verdict {
        WAIT,
        /** Ask all parents for a sign of life. */
        PROBE,
        /** Give up those that did not answer, or the main one if all did. */
        BLAME,
        /** No parent will come. */
        HELP_YOURSELF
    }

    private final long watchdog;
    private final long scheduleTimeout;
    private final long aloneTimeout;
    private long since;
    private int probes;

    /**
     * @param watchdog without progress; zero for never
     * @param scheduleTimeout without parents, while a scheduler may name some
     * @param aloneTimeout without parents, while no scheduler can be reached
     */
    Patience(Duration watchdog, Duration scheduleTimeout, Duration aloneTimeout, long now) {
        this.watchdog = watchdog.toNanos();
        this.scheduleTimeout = scheduleTimeout.toNanos();
        this.aloneTimeout = Math.min(aloneTimeout.toNanos(), this.scheduleTimeout);
        this.since = now;
    }

    /** Something came: a piece, or word of one, or a parent. */
    void progress(long now) {
        since = now;
        probes = 0;
    }

    /**
     * @param parents whether there is any
     * @param answered whether all of them answered the last question
     * @param alone whether no scheduler would name another one
     */
    Verdict look(long now, boolean parents, boolean answered, boolean alone) {
        if (now - since < limit(parents, alone)) {
            return Verdict.WAIT;
        }
        if (!parents) {
            return Verdict.HELP_YOURSELF;
        }
        since = now;
        if (probes == 0 || (answered && probes < IDLE_ROUNDS)) {
            probes++;
            return Verdict.PROBE;
        }
        probes = 0;
        return Verdict.BLAME;
    }

    /** Nanoseconds until {@link #look} may say something else than WAIT. */
    long left(long now, boolean parents, boolean alone) {
        return Math.max(0, since + limit(parents, alone) - now);
    }

    private long limit(boolean parents, boolean alone) {
        if (!parents) {
            return alone ? aloneTimeout : scheduleTimeout;
        }
        return watchdog > 0 ? watchdog : Long.MAX_VALUE / 4;
    }
}
