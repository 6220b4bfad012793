package dev.darter.peer.choice;

import java.time.Duration;

/**
 * The numbers of the mesh, for whoever plays it: the daemon's downloads and upload server, and the simulator that judges them.
 *
 * <p><b>How they were found.</b> All uplinks and all downlinks must be full all the time, or the last peer is late. With many requests at few
 * neighbours those stand in line there while other uplinks idle, so they are spread, a neighbour at a time. A host with few open uploads
 * cannot fill its uplink while those who get them are busy receiving from others; with many each block takes long, and only a whole block can go
 * on. Of 32 simulated peers the last had 256 MiB after 1.19 of the limit with four uploads, 1.06 with six, 1.08 with eight, 1.21 with twelve.
 *
 * @param firstLinks neighbours that one download follows at first; see {@link Neighbourhood}
 * @param soughtLinks neighbours that it looks for later
 * @param mostLinks neighbours that it follows at most; whoever brings the content in is taken up beyond that
 * @param spread with so many requests by number open, or more, no neighbour has two
 * @param nextPerLink requests for whatever a neighbour hands out, at a time
 * @param mostRequests requests by number at a time, at all neighbours together
 * @param mostFarRequests of these, at neighbours from elsewhere. They have thousands of blocks that nobody here has, so a few requests fill
 *     the way from there, and what two ask for at the same time comes over it twice
 * @param mostRacers how many may fetch one block in the endgame
 * @param openUploads blocks that one host gives by number at a time
 * @param openFirstCopies blocks that one host hands out at a time
 * @param longestQueue requests by number that wait at one host for a place among these; who comes then is told that it is busy
 * @param newsNanos shortest time between two messages about what one host has
 */
public record MeshRules(
        int firstLinks,
        int soughtLinks,
        int mostLinks,
        int spread,
        int nextPerLink,
        int mostRequests,
        int mostFarRequests,
        int mostRacers,
        int openUploads,
        int openFirstCopies,
        int longestQueue,
        long newsNanos) {
    /** What the daemon does. */
    public static final MeshRules DEFAULT = new MeshRules(
            8, 18, 20, 4, 2, 14, 4, 2, 6, 8, 6, Duration.ofMillis(50).toNanos());

    private static final long LEAST_DEADLINE = Duration.ofSeconds(2).toNanos();
    private static final long FIRST_DEADLINE = Duration.ofSeconds(30).toNanos();
    private static final long NANOS_BETWEEN_MESSAGES = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(2).toNanos();
    private static final int LATE_BY_PART = 50;
    private static final int DEADLINE_FACTOR = 4;
    private static final double ENDGAME_FACTOR = 1.5;
    private static final double STUCK_FACTOR = 6;
    private static final long SHORTEST_REST = Duration.ofMillis(10).toNanos();
    private static final long LONGEST_REST = Duration.ofMillis(200).toNanos();

    /** Requests by number that one neighbour may have, with so many open at all together. */
    public int requestsPerLink(int open) {
        return open < spread ? 2 : 1;
    }

    /**
     * Nanoseconds after which somebody who was busy is asked again: about when one of those that wait there has been served. Asked sooner it would
     * cost both sides more than it brings: at 50 ms there were more refusals than blocks.
     *
     * @param bytesPerSecond what it gives; 0 when that is not known
     */
    public static long rest(int blockLength, double bytesPerSecond) {
        double expected = bytesPerSecond == 0 ? LONGEST_REST : blockLength * 1e9 / bytesPerSecond;
        return Math.clamp((long) expected, SHORTEST_REST, LONGEST_REST);
    }

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

    /**
     * Nanoseconds after which a request for so many bytes is overdue.
     *
     * @param urgent whether somebody waits for them: twice is better than late
     * @param bytesPerSecond what that neighbour gives, waiting in line included; 0 when that is not known: then a link may be slow, and what
     *     is given up too early comes twice
     */
    public static long patience(long bytes, double bytesPerSecond, boolean urgent) {
        if (bytesPerSecond == 0) {
            return urgent ? LEAST_DEADLINE : FIRST_DEADLINE;
        }
        return Math.max(LEAST_DEADLINE, (long) (DEADLINE_FACTOR * bytes * 1e9 / bytesPerSecond));
    }

    /**
     * Whether a block that is on its way is to be asked of somebody else, too. At the end, when all that is missing is on its way, that is so
     * when the other is likely to bring it sooner. Before, there is only nothing to ask for because neighbours have yet to hear of more, and
     * what comes twice takes the place of something new in a while: then it is so when the request is all but stuck.
     *
     * @param nanos since it was asked for
     * @param bytesPerSecond what the other one gives; 0 when that is not known
     * @param missing blocks that are not here
     */
    public boolean isWorthRacing(long nanos, int blockLength, double bytesPerSecond, int missing) {
        double factor = missing <= mostRequests ? ENDGAME_FACTOR : STUCK_FACTOR;
        return bytesPerSecond > 0 && nanos > factor * blockLength * 1e9 / bytesPerSecond;
    }
}
