package dev.darter.peer.choice;

import java.time.Duration;

/**
 * The numbers of the mesh, for whoever plays it: the daemon's downloads and upload server, and the simulator that judges them.
 *
 * @param mostLinks neighbours that one download follows
 * @param requestsPerLink requests by number at one neighbour at a time
 * @param nextPerLink requests for whatever a neighbour hands out, at a time
 * @param mostRequests requests by number at a time, at all neighbours together
 * @param mostRacers how many may fetch one block in the endgame
 * @param openUploads blocks that one host gives at a time: a block goes on only when all of it has come, so few, one after the other
 * @param longestQueue requests by number that wait at one host for a place among these; who comes then is told that it is busy
 * @param newsNanos shortest time between two messages about what one host has
 */
public record MeshRules(
        int mostLinks,
        int requestsPerLink,
        int nextPerLink,
        int mostRequests,
        int mostRacers,
        int openUploads,
        int longestQueue,
        long newsNanos) {
    /** What the daemon does. */
    public static final MeshRules DEFAULT =
            new MeshRules(24, 2, 2, 10, 2, 4, 256, Duration.ofMillis(50).toNanos());

    private static final long LEAST_DEADLINE = Duration.ofSeconds(2).toNanos();
    private static final long NANOS_BETWEEN_MESSAGES = Duration.ofMillis(25).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(500).toNanos();
    private static final int LATE_BY_PART = 50;
    private static final int DEADLINE_FACTOR = 4;
    private static final double ENDGAME_FACTOR = 1.5;

    /**
     * Nanoseconds between two messages to one follower. With many a message to each costs more than what it tells; but news are late by no
     * more than a small part of the time that the follower has taken so far.
     *
     * @param followers of this host, of all tasks
     * @param since the follower began to follow, in nanoseconds
     */
    public long newsPause(int followers, long since) {
        long cheap = Math.min(followers * NANOS_BETWEEN_MESSAGES, LONGEST_PAUSE);
        return Math.max(newsNanos, Math.min(cheap, since / LATE_BY_PART));
    }

    /** Nanoseconds after which a request for so many bytes is overdue. */
    public static long patience(long bytes, double bytesPerSecond) {
        double expected = bytesPerSecond == 0 ? 0 : bytes * 1e9 / bytesPerSecond;
        return Math.max(LEAST_DEADLINE, (long) (DEADLINE_FACTOR * expected));
    }

    /**
     * Whether somebody else is likely to bring a block that is on its way sooner.
     *
     * @param nanos since it was asked for
     * @param bytesPerSecond what the other one gives; 0 when that is not known
     */
    public static boolean isWorthRacing(long nanos, int blockLength, double bytesPerSecond) {
        return bytesPerSecond > 0 && nanos > ENDGAME_FACTOR * blockLength * 1e9 / bytesPerSecond;
    }
}
