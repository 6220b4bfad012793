package dev.darter.scheduler.scheduling;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Whom a peer is to fetch from. Pure: the same question has the same answer.
 *
 * <p>Unlike upstream's loop, which looks again every 200 ms and gives up after ten looks, a peer waits as long as somebody is on the way to
 * the content (a seed peer, a peer at the source), and is told the moment a parent appears. Only when nobody is, the same times count as
 * with upstream: the source after {@code retryBackToSourceLimit} intervals, the end after {@code retryLimit}.
 */
public final class Scheduling {
    private static final double PIECES = 0.20;
    private static final double UPLOAD_SUCCESS = 0.20;
    private static final double FREE_UPLOADS = 0.15;
    private static final double HOST_TYPE = 0.15;
    private static final double IDC = 0.15;
    private static final double LOCATION = 0.15;
    private static final int LOCATION_DEPTH = 5;

    /** Parents of one of ours, whatever upstream's limit says: it chooses among them itself. */
    private static final int DARTER_PARENTS = 16;

    /** Nobody waits longer for a seed peer that does not even begin, or for a peer at the source that delivers nothing at all. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Duration offerSourceAfter;
    private final Duration giveUpAfter;

    /**
     * The times of the policy.
     *
     * @param offerSourceAfter since the peer has had no parents and nobody is on the way
     * @param giveUpAfter likewise; a peer that may go to the source never gets there
     */
    public Scheduling(Duration offerSourceAfter, Duration giveUpAfter) {
        this.offerSourceAfter = offerSourceAfter;
        this.giveUpAfter = giveUpAfter;
    }

    /**
     * Chooses.
     *
     * @param candidates those that may be linked and are not blocked, in any order
     * @param parentLimit most parents for a v2.1.28 peer
     */
    public Schedule choose(Asker asker, List<Candidate> candidates, int parentLimit) {
        int mostPieces = mostPieces(candidates);
        var parents = candidates.stream()
                .filter(candidate -> isFit(candidate, asker))
                .sorted(Comparator.comparingDouble((Candidate candidate) -> -score(candidate, mostPieces)))
                .limit(asker.darter() ? DARTER_PARENTS : parentLimit)
                .map(Candidate::peer)
                .toList();
        if (!parents.isEmpty()) {
            return new Schedule.Parents(parents);
        }
        return withoutParents(asker);
    }

    private Schedule withoutParents(Asker asker) {
        boolean mayGo = asker.sourceAllowed() && asker.sourceFree() && !asker.sourceClosed();
        if (asker.needsBackToSource() && mayGo) {
            return new Schedule.BackToSource();
        }
        boolean onTheWay = asker.seeding() || asker.someoneAtSource();
        if (onTheWay && asker.waited().compareTo(PATIENCE) < 0) {
            return new Schedule.Wait();
        }
        if (asker.sourceClosed()) {
            return new Schedule.Wait();
        }
        if (asker.waited().compareTo(offerSourceAfter) >= 0 && mayGo) {
            return new Schedule.BackToSource();
        }
        return asker.waited().compareTo(giveUpAfter) >= 0 ? new Schedule.GiveUp() : new Schedule.Wait();
    }

    /**
     * A v2.1.28 child gets parents that have something, and of those only such as go on getting more. A seed peer that fetches need not
     * have anything yet: the child listens to it, and so neither loses time with the first piece nor, when the origin is slow, goes
     * to the source since nobody was named to it in time. One of ours also follows a peer of ours that has only begun: both know what
     * to do while there is nothing to give.
     */
    private static boolean isFit(Candidate candidate, Asker asker) {
        if (asker.darter() && candidate.darter()) {
            return true;
        }
        if (!asker.darter() && candidate.freeUploads() <= 0) {
            return false;
        }
        if (candidate.seed() && asker.seeding()) {
            return true;
        }
        boolean lasting = candidate.complete() || candidate.atSource() || candidate.seed() || candidate.fed();
        return lasting && (candidate.complete() || candidate.finishedPieces() > 0);
    }

    private static int mostPieces(List<Candidate> candidates) {
        return candidates.stream().mapToInt(Candidate::finishedPieces).max().orElse(0);
    }

    /** Upstream's weights; pieces are counted against the one that has most, so that their share is bounded. */
    private static double score(Candidate candidate, int mostPieces) {
        double pieces =
                candidate.complete() ? 1 : mostPieces == 0 ? 0 : (double) candidate.finishedPieces() / mostPieces;
        double free = candidate.uploadLimit() <= 0 ? 0 : (double) candidate.freeUploads() / candidate.uploadLimit();
        double type = candidate.seed() ? (candidate.complete() ? 0 : 1) : 0.5;
        return PIECES * pieces
                + UPLOAD_SUCCESS * candidate.uploadSuccess()
                + FREE_UPLOADS * free
                + HOST_TYPE * type
                + IDC * (candidate.sameIdc() ? 1 : 0)
                + LOCATION * candidate.locationDepth() / LOCATION_DEPTH;
    }
}
