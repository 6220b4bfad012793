package dev.darter.scheduler.scheduling;

import dev.darter.core.Location;
import dev.darter.core.Mixing;
import dev.darter.core.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

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

    /** Parents of one of ours, whatever upstream's limit says: it chooses among them itself. */
    private static final int DARTER_PARENTS = 16;

    /** So many peers of a place may be fed from elsewhere at a time: one could die, and more carry the same bytes twice. */
    private static final int CROSSINGS = 3;

    /** The same where somebody of the place brings the content in: others are needed only if he is slow. */
    private static final int CROSSINGS_BESIDE_A_BRINGER = 1;

    /** Parents from elsewhere that each of those has. */
    private static final int FAR_PARENTS = 4;

    /** Of its parents, so many come from all of its place. */
    private static final int ANYWHERE = 4;

    /** Whoever feeds so many already is given only where there is nobody else: it has no more to give, and others have. */
    private static final int MOST_CHILDREN = 24;

    /** The same for whoever brings the content in: so many take it from there, and the others from them. */
    private static final int MOST_CHILDREN_OF_BRINGER = 128;

    /** Neighbours that have everything make those from elsewhere needless. */
    private static final int ENOUGH_COMPLETE = 2;

    /** Peers that have something; a child of the field that has so many does not need a seed peer. */
    private static final int ENOUGH_BESIDE_A_SEED = 2;

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
        if (asker.sourceless().compareTo(offerSourceAfter) >= 0 && mayGoToSource(asker)) {
            return new Schedule
                    .BackToSource(); // peers that have parts may be many, and none of them will ever have the rest
        }
        int mostPieces = mostPieces(candidates);
        var fit = new ArrayList<Scored>(candidates.size());
        for (Candidate candidate : candidates) {
            if (isFit(candidate, asker)) {
                fit.add(new Scored(candidate, score(candidate, mostPieces), lot(asker, candidate)));
            }
        }
        var parents = asker.darter() ? nearestFirst(asker, fit) : best(fit, parentLimit);
        return parents.isEmpty() ? withoutParents(asker) : new Schedule.Parents(parents);
    }

    /** @param lot what one of ours draws among equals */
    private record Scored(Candidate candidate, double score, int lot) {
        static final Comparator<Scored> BEST_FIRST =
                Comparator.comparingDouble(Scored::score).reversed();

        /** Same data centre, then what the locations share. */
        static final Comparator<Scored> NEAREST_FIRST = Comparator.comparing(Scored::isCrowded)
                .thenComparingInt(Scored::distance)
                .thenComparingInt(Scored::lot);

        /** Whoever brings the content in, then anybody. */
        static final Comparator<Scored> BRINGERS_FIRST = Comparator.comparing(Scored::isCrowded)
                .thenComparing(scored -> !bringsContent(scored.candidate))
                .thenComparingInt(Scored::lot);

        private boolean isCrowded() {
            boolean brings = bringsContent(candidate);
            return candidate.children() >= (brings ? MOST_CHILDREN_OF_BRINGER : MOST_CHILDREN);
        }

        private boolean isNearPeerOfTheField() {
            return !candidate.darter() && !candidate.seed() && !candidate.elsewhere();
        }

        private int distance() {
            return (candidate.sameIdc() ? 0 : Location.DEPTH + 1) + Location.DEPTH - candidate.locationDepth();
        }
    }

    /**
     * Parents of a child of the field: the best, with two rules about links. Up to half of them are others of the field where such are near:
     * ours have more at any time, so that by what they have ours alone would feed everybody, and the links of the field's own peers would
     * idle. And a seed peer is left to those that have nobody else until a peer has everything: until then its link has to bring each byte
     * into the swarm once, and what it gives twice is what everybody waits for.
     */
    private static List<PeerId> best(List<Scored> fit, int limit) {
        boolean scarce = isSeedScarce(fit);
        var sorted = fit.stream()
                .filter(scored -> !scarce || !scored.candidate.seed())
                .sorted(Scored.BEST_FIRST)
                .toList();
        var ofTheField = sorted.stream().filter(Scored::isNearPeerOfTheField).limit(limit / 2);
        return Stream.concat(ofTheField, sorted.stream())
                .distinct()
                .limit(limit)
                .sorted(Scored.BEST_FIRST)
                .map(scored -> scored.candidate.peer())
                .toList();
    }

    private static boolean isSeedScarce(List<Scored> fit) {
        var others = fit.stream()
                .map(Scored::candidate)
                .filter(candidate -> !candidate.seed() && !candidate.elsewhere())
                .toList();
        return others.size() >= ENOUGH_BESIDE_A_SEED && others.stream().noneMatch(Candidate::complete);
    }

    /**
     * Parents of one of ours: most of them the nearest ones, a few the best of its place wherever they are in it (else the peers of one room
     * would have only each other), and from elsewhere only as many as it takes to bring the content in. Every pair of peers that exchanges
     * blocks between two places carries them over the same thin link; a few crossings share the file among them and their neighbours pass it
     * on.
     *
     * <p>Among equals each peer draws a lot of its own, that says the same at every look. Ordered by what they have, the same few would be
     * given to all: of 32 peers that began together 14 were followed by nobody but each other's seed, and what they had been given first
     * left the seed a second time.
     */
    private static List<PeerId> nearestFirst(Asker asker, List<Scored> fit) {
        var near = new ArrayList<Scored>();
        var far = new ArrayList<Scored>();
        for (Scored scored : fit) {
            (scored.candidate.elsewhere() ? far : near).add(scored);
        }
        near.sort(Scored.NEAREST_FIRST);
        int farRoom = Math.min(far.size(), farAllowed(asker, near));
        int nearRoom = Math.min(near.size(), DARTER_PARENTS - farRoom);
        int nearest = Math.max(0, Math.min(nearRoom, DARTER_PARENTS - farRoom - ANYWHERE));
        var chosen = new ArrayList<Scored>(DARTER_PARENTS);
        chosen.addAll(near.subList(0, nearest));
        addBest(near.subList(nearest, near.size()), nearRoom - nearest, chosen);
        addBest(far, farRoom, chosen);
        return chosen.stream().map(scored -> scored.candidate.peer()).toList();
    }

    private static int lot(Asker asker, Candidate candidate) {
        return Mixing.mix(
                asker.peer().value().hashCode() * 31 + candidate.peer().value().hashCode());
    }

    private static void addBest(List<Scored> from, int number, List<Scored> chosen) {
        from.stream().sorted(Scored.BRINGERS_FIRST).limit(number).forEach(chosen::add);
    }

    /** How many parents from elsewhere it may have. */
    private static int farAllowed(Asker asker, List<Scored> near) {
        if (near.isEmpty()) {
            return DARTER_PARENTS;
        }
        long complete = near.stream()
                .filter(scored -> scored.candidate.complete() || scored.candidate.atSource())
                .count();
        if (complete >= ENOUGH_COMPLETE) {
            return 0;
        }
        boolean isBroughtIn = near.stream().anyMatch(scored -> bringsContent(scored.candidate));
        int crossings = isBroughtIn ? CROSSINGS_BESIDE_A_BRINGER : CROSSINGS;
        return asker.crossings() < crossings ? FAR_PARENTS : 0;
    }

    private static boolean bringsContent(Candidate candidate) {
        return candidate.seed() || candidate.atSource() || candidate.complete();
    }

    /** How long from now until time alone may change the answer {@link Schedule.Wait}; never zero. */
    public Duration nextLook(Asker asker) {
        Duration next = PATIENCE;
        for (Duration border : List.of(giveUpAfter, offerSourceAfter)) {
            if (border.compareTo(asker.waited()) > 0) {
                next = border;
            }
        }
        Duration left = next.minus(asker.waited());
        return left.isPositive() ? left : PATIENCE;
    }

    /** After which a peer that nobody feeds may go to the source. */
    public Duration offerSourceAfter() {
        return offerSourceAfter;
    }

    private static boolean mayGoToSource(Asker asker) {
        return asker.sourceAllowed() && asker.sourceFree() && !asker.sourceClosed();
    }

    private Schedule withoutParents(Asker asker) {
        boolean mayGo = mayGoToSource(asker);
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
        double type = candidate.atSource() ? 1 : candidate.seed() ? (candidate.complete() ? 0 : 1) : 0.5;
        return PIECES * pieces
                + UPLOAD_SUCCESS * candidate.uploadSuccess()
                + FREE_UPLOADS * free
                + HOST_TYPE * type
                + IDC * (candidate.sameIdc() ? 1 : 0)
                + LOCATION * candidate.locationDepth() / Location.DEPTH;
    }
}
