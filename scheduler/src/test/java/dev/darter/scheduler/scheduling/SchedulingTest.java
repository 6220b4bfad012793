package dev.darter.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SchedulingTest {
    private static final Duration OFFER = Duration.ofSeconds(1);
    private static final PeerId ME = new PeerId("me");
    private static final Duration GIVE_UP = Duration.ofSeconds(2);

    private final Scheduling scheduling = new Scheduling(OFFER, GIVE_UP);

    /** One question, changed from the usual one. */
    private record Question(
            boolean darter,
            boolean needsSource,
            Duration waited,
            boolean seeding,
            boolean atSource,
            boolean allowed,
            boolean free,
            boolean closed) {
        static final Question USUAL = new Question(false, false, Duration.ZERO, false, false, true, true, false);

        Question after(Duration time) {
            return new Question(darter, needsSource, time, seeding, atSource, allowed, free, closed);
        }

        Question whileSeeding() {
            return new Question(darter, needsSource, waited, true, atSource, allowed, free, closed);
        }

        Question withSomebodyAtTheSource() {
            return new Question(darter, needsSource, waited, seeding, true, allowed, free, closed);
        }

        Question withoutSource() {
            return new Question(darter, needsSource, waited, seeding, atSource, false, free, closed);
        }

        Question withSourceFull() {
            return new Question(darter, needsSource, waited, seeding, atSource, allowed, false, closed);
        }

        Question withSourceClosed() {
            return new Question(darter, needsSource, waited, seeding, atSource, allowed, free, true);
        }

        Question needingSource() {
            return new Question(darter, true, waited, seeding, atSource, allowed, free, closed);
        }

        Question fromDarter() {
            return new Question(true, needsSource, waited, seeding, atSource, allowed, free, closed);
        }

        Asker asker() {
            return new Asker(
                    ME, darter, needsSource, waited, seeding, atSource, allowed, free, closed, Duration.ZERO, 0);
        }
    }

    @Test
    void waitsForASeedPeerThatFetches() {
        assertThat(choose(Question.USUAL.whileSeeding().after(Duration.ofMinutes(4))))
                .isEqualTo(new Schedule.Wait());
    }

    @Test
    void followsThePeerAtTheSourceInsteadOfJoiningIt() {
        assertThat(choose(Question.USUAL.withSomebodyAtTheSource().after(Duration.ofMinutes(4))))
                .isEqualTo(new Schedule.Wait());
    }

    @Test
    void doesNotWaitForEverForSomebodyWhoDeliversNothing() {
        assertThat(choose(Question.USUAL.whileSeeding().after(Duration.ofMinutes(5))))
                .isEqualTo(new Schedule.BackToSource());
    }

    @Test
    void offersTheSourceWhenNobodyIsOnTheWayAfterTheUsualTime() {
        assertThat(choose(Question.USUAL.after(OFFER.minusMillis(1)))).isEqualTo(new Schedule.Wait());
        assertThat(choose(Question.USUAL.after(OFFER))).isEqualTo(new Schedule.BackToSource());
    }

    @Test
    void givesUpWhenThereIsNoWay() {
        assertThat(choose(Question.USUAL.withoutSource().after(GIVE_UP))).isEqualTo(new Schedule.GiveUp());
        assertThat(choose(Question.USUAL.withoutSource().after(OFFER))).isEqualTo(new Schedule.Wait());
        assertThat(choose(Question.USUAL.withSourceFull().after(GIVE_UP))).isEqualTo(new Schedule.GiveUp());
    }

    @Test
    void sendsNobodyToTheSourceAndNobodyAwayWhileItIsClosed() {
        assertThat(choose(Question.USUAL.withSourceClosed().after(Duration.ofHours(1))))
                .isEqualTo(new Schedule.Wait());
        assertThat(choose(Question.USUAL.withSourceClosed().needingSource().after(OFFER)))
                .isEqualTo(new Schedule.Wait());
    }

    @Test
    void aPriorityGoesToTheSourceAtOnceWhereNobodyHasTheContent() {
        assertThat(choose(Question.USUAL.needingSource())).isEqualTo(new Schedule.BackToSource());
        assertThat(choose(Question.USUAL.needingSource().withSourceFull())).isEqualTo(new Schedule.Wait());
    }

    @Test
    void aPriorityDoesNotGoToTheSourceForWhatAPeerHas() {
        assertThat(choose(Question.USUAL.needingSource(), complete("a"))).isEqualTo(parents("a"));
    }

    @Test
    void childrenOfTheFieldGetParentsThatHaveSomethingAndGoOn() {
        var nothingYet = new CandidateBuilder("nothing").seed().build();
        var stuck = new CandidateBuilder("stuck").pieces(3).build();
        var fed = new CandidateBuilder("fed").pieces(3).fed().build();
        var reads = new CandidateBuilder("reads").pieces(1).atSource().build();
        var full = new CandidateBuilder("full").complete().free(0).build();

        var chosen = scheduling.choose(Question.USUAL.asker(), List.of(nothingYet, stuck, fed, reads, full), 4);

        assertThat(((Schedule.Parents) chosen).parents())
                .containsExactlyInAnyOrder(new PeerId("fed"), new PeerId("reads"));
    }

    @Test
    void oursFollowOursThatHaveOnlyBegun() {
        var begun = new CandidateBuilder("begun").darter().build();

        assertThat(choose(Question.USUAL.fromDarter(), begun)).isEqualTo(parents("begun"));
        assertThat(choose(Question.USUAL, begun)).isEqualTo(new Schedule.Wait());
    }

    @Test
    void childrenOfTheFieldGetNoMoreParentsThanTheClusterSays() {
        var many = IntStream.range(0, 30).mapToObj(i -> complete("p" + i)).toList();

        var few = (Schedule.Parents) scheduling.choose(Question.USUAL.asker(), many, 4);

        assertThat(few.parents()).hasSize(4);
    }

    @Test
    void childrenOfTheFieldGetOthersOfTheFieldThoughOursHaveMore() {
        var ours = IntStream.range(0, 4)
                .mapToObj(i -> new CandidateBuilder("ours" + i)
                        .darter()
                        .pieces(50 + i)
                        .fed()
                        .build())
                .toList();
        var theirs = IntStream.range(0, 4)
                .mapToObj(i ->
                        new CandidateBuilder("theirs" + i).pieces(10 + i).fed().build())
                .toList();
        var far = new CandidateBuilder("far").pieces(20).fed().elsewhere().build();
        var all = new ArrayList<>(ours);
        all.addAll(theirs);
        all.add(far);

        assertThat(scheduling.choose(Question.USUAL.asker(), all, 4))
                .isEqualTo(parents("ours3", "ours2", "theirs3", "theirs2"));
        assertThat(scheduling.choose(Question.USUAL.asker(), ours, 4))
                .as("where there are only ours")
                .isEqualTo(parents("ours3", "ours2", "ours1", "ours0"));
    }

    @Test
    void childrenOfTheFieldLeaveTheSeedToOthersUntilAPeerHasEverything() {
        var seed = new CandidateBuilder("seed").pieces(60).seed().build();
        var one = new CandidateBuilder("one").pieces(20).fed().build();
        var two = new CandidateBuilder("two").pieces(10).fed().build();
        var whole = complete("whole");

        assertThat(choose(Question.USUAL.whileSeeding(), seed)).isEqualTo(parents("seed"));
        assertThat(choose(Question.USUAL.whileSeeding(), seed, one)).isEqualTo(parents("seed", "one"));
        assertThat(choose(Question.USUAL.whileSeeding(), seed, one, two)).isEqualTo(parents("one", "two"));
        assertThat(choose(Question.USUAL.whileSeeding(), seed, one, whole)).isEqualTo(parents("seed", "whole", "one"));
    }

    @Test
    void prefersNeighbours() {
        var far = complete("far");
        var sameIdc = new CandidateBuilder("near").complete().sameIdc().build();
        var sameRack =
                new CandidateBuilder("rack").complete().sameIdc().depth(5).build();

        assertThat(choose(Question.USUAL, far, sameIdc, sameRack)).isEqualTo(parents("rack", "near", "far"));
    }

    @Test
    void childrenOfTheFieldListenToASeedThatFetchesBeforeItHasAnything() {
        var seed = new CandidateBuilder("seed").seed().build();
        var full = new CandidateBuilder("full").seed().free(0).build();
        var begun = new CandidateBuilder("begun").fed().build();

        assertThat(choose(Question.USUAL.whileSeeding(), seed, full, begun)).isEqualTo(parents("seed"));
        assertThat(choose(Question.USUAL, seed)).isEqualTo(new Schedule.Wait());
    }

    @Test
    void theSeedLeadsWhileItFetchesAndStepsBackAfterwards() {
        var fetching = new CandidateBuilder("seed").pieces(4).seed().build();
        var peer = new CandidateBuilder("peer").pieces(4).fed().build();
        assertThat(choose(Question.USUAL, peer, fetching)).isEqualTo(parents("seed", "peer"));

        var done = new CandidateBuilder("seed").complete().seed().build();
        assertThat(choose(Question.USUAL, done, complete("peer"))).isEqualTo(parents("peer", "seed"));
    }

    @Test
    void avoidsHostsWhoseUploadsFailOrWhichAreBusy() {
        var good = new CandidateBuilder("good").complete().build();
        var failing = new CandidateBuilder("failing").complete().success(0.2).build();
        var busy = new CandidateBuilder("busy").complete().free(5).build();

        assertThat(choose(Question.USUAL, failing, busy, good)).isEqualTo(parents("good", "busy", "failing"));
    }

    @Test
    void oursGetTheirNeighboursFirst() {
        var far = new CandidateBuilder("far").darter().complete().depth(1).build();
        var idc = new CandidateBuilder("idc").darter().sameIdc().pieces(1).build();
        var room = new CandidateBuilder("room").darter().depth(3).pieces(1).build();

        assertThat(choose(Question.USUAL.fromDarter(), far, room, idc)).isEqualTo(parents("idc", "room", "far"));
    }

    @Test
    void inAPlaceThatIsFedFromElsewhereAlreadyOursGetNeighboursOnly() {
        var seed = new CandidateBuilder("seed").darter().seed().elsewhere().build();
        var neighbour = new CandidateBuilder("neighbour").darter().sameIdc().build();

        assertThat(scheduling.choose(crossings(2), List.of(seed, neighbour), 4))
                .isEqualTo(parents("neighbour", "seed"));
        assertThat(scheduling.choose(crossings(3), List.of(seed, neighbour), 4)).isEqualTo(parents("neighbour"));
    }

    @Test
    void whereSomebodyOfThePlaceBringsTheContentInOneFedFromElsewhereIsEnough() {
        var seed = new CandidateBuilder("seed").darter().seed().sameIdc().build();
        var far = new CandidateBuilder("far").darter().elsewhere().build();

        assertThat(scheduling.choose(crossings(0), List.of(seed, far), 4)).isEqualTo(parents("seed", "far"));
        assertThat(scheduling.choose(crossings(1), List.of(seed, far), 4)).isEqualTo(parents("seed"));
    }

    @Test
    void whoHasNoNeighboursGetsWhoeverThereIs() {
        var seed = new CandidateBuilder("seed").darter().seed().elsewhere().build();

        assertThat(scheduling.choose(crossings(30), List.of(seed), 4)).isEqualTo(parents("seed"));
    }

    @Test
    void nobodyCrossesForWhatNeighboursHaveWhole() {
        var seed = new CandidateBuilder("seed")
                .darter()
                .seed()
                .complete()
                .elsewhere()
                .build();
        var a = new CandidateBuilder("a").darter().complete().sameIdc().build();
        var b = new CandidateBuilder("b").darter().complete().sameIdc().build();

        var chosen = (Schedule.Parents) scheduling.choose(crossings(0), List.of(seed, a, b), 4);

        assertThat(chosen.parents()).containsExactlyInAnyOrder(new PeerId("a"), new PeerId("b"));
    }

    @Test
    void oursGetNoMoreThanSixteenAndAFewOfThemFromElsewhere() {
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 40; i++) {
            candidates.add(new CandidateBuilder("near-" + i).darter().sameIdc().build());
            candidates.add(new CandidateBuilder("far-" + i).darter().elsewhere().build());
        }

        var parents = ((Schedule.Parents) scheduling.choose(crossings(0), candidates, 4)).parents();

        assertThat(parents).hasSize(16);
        assertThat(parents).filteredOn(peer -> peer.value().startsWith("far-")).hasSize(4);
    }

    @Test
    void whoeverReadsTheSourceIsAmongTheParentsThoughOthersAreNearer() {
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 40; i++) {
            candidates.add(new CandidateBuilder("room-" + i)
                    .darter()
                    .sameIdc()
                    .depth(5)
                    .build());
        }
        candidates.add(
                new CandidateBuilder("reader").darter().sameIdc().atSource().build());

        var parents = ((Schedule.Parents) scheduling.choose(crossings(0), candidates, 4)).parents();

        assertThat(parents).hasSize(16).contains(new PeerId("reader"));
    }

    @Test
    void ofManyThatAreEquallyNearEverybodyIsGivenToSomebody() {
        var names = IntStream.range(0, 32).mapToObj(i -> "peer-" + i).toList();
        var given = new HashMap<PeerId, Integer>();
        for (String name : names) {
            var asker = new Asker(
                    new PeerId(name), true, false, Duration.ZERO, true, false, true, true, false, Duration.ZERO, 0);
            var others = names.stream()
                    .filter(other -> !other.equals(name))
                    .map(other -> new CandidateBuilder(other)
                            .darter()
                            .pieces(names.indexOf(other))
                            .build())
                    .toList();
            var parents = ((Schedule.Parents) scheduling.choose(asker, others, 4)).parents();
            assertThat(parents)
                    .hasSize(16)
                    .isEqualTo(((Schedule.Parents) scheduling.choose(asker, others, 4)).parents());
            parents.forEach(parent -> given.merge(parent, 1, Integer::sum));
        }

        assertThat(given).hasSize(32);
        assertThat(given.values()).allSatisfy(times -> assertThat(times).isBetween(6, 26));
    }

    @Test
    void whoFeedsManyIsGivenOnlyWhereThereIsNobodyElse() {
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 10; i++) {
            candidates.add(
                    new CandidateBuilder("crowded-" + i).darter().children(24).build());
            candidates.add(
                    new CandidateBuilder("free-" + i).darter().children(23).build());
        }

        var parents = ((Schedule.Parents) scheduling.choose(crossings(0), candidates, 4)).parents();

        assertThat(parents).hasSize(16);
        assertThat(parents).filteredOn(peer -> peer.value().startsWith("free-")).hasSize(10);
    }

    @Test
    void whoBringsTheContentInFeedsMoreThanOthersButNotEverybody() {
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 20; i++) {
            candidates.add(new CandidateBuilder("peer-" + i).darter().build());
        }
        var seed = new CandidateBuilder("seed").darter().seed().atSource();

        candidates.add(seed.children(127).build());
        assertThat(((Schedule.Parents) scheduling.choose(crossings(0), candidates, 4)).parents())
                .contains(new PeerId("seed"));
        candidates.set(20, seed.children(128).build());
        assertThat(((Schedule.Parents) scheduling.choose(crossings(0), candidates, 4)).parents())
                .hasSize(16)
                .doesNotContain(new PeerId("seed"));
        assertThat(scheduling.choose(crossings(0), List.of(seed.build()), 4)).isEqualTo(parents("seed"));
    }

    @Test
    void oneOfThoseThatHaveOnlyEachOtherGoesToTheSource() {
        var other = new CandidateBuilder("other").darter().pieces(3).fed().build();
        var since = new Asker(ME, true, false, Duration.ZERO, false, false, true, true, false, OFFER, 0);
        var shorter =
                new Asker(ME, true, false, Duration.ZERO, false, false, true, true, false, OFFER.minusMillis(1), 0);
        var full = new Asker(ME, true, false, Duration.ZERO, false, false, true, false, false, OFFER, 0);

        assertThat(scheduling.choose(since, List.of(other), 4)).isEqualTo(new Schedule.BackToSource());
        assertThat(scheduling.choose(shorter, List.of(other), 4)).isEqualTo(parents("other"));
        assertThat(scheduling.choose(full, List.of(other), 4)).isEqualTo(parents("other"));
    }

    @Test
    void timeIsLookedAtAgainWhenItMayChangeTheAnswer() {
        assertThat(scheduling.nextLook(Question.USUAL.asker())).isEqualTo(OFFER);
        assertThat(scheduling.nextLook(Question.USUAL.after(OFFER).asker())).isEqualTo(GIVE_UP.minus(OFFER));
        assertThat(scheduling.nextLook(Question.USUAL.after(GIVE_UP).asker())).isPositive();
    }

    private static Asker crossings(int others) {
        return new Asker(ME, true, false, Duration.ZERO, true, false, true, true, false, Duration.ZERO, others);
    }

    @Test
    void sameQuestionSameAnswer() {
        var candidates = IntStream.range(0, 64)
                .mapToObj(i -> new CandidateBuilder("p" + i).pieces(i % 7).fed().build())
                .toList();
        assertThat(scheduling.choose(Question.USUAL.asker(), candidates, 4))
                .isEqualTo(scheduling.choose(Question.USUAL.asker(), candidates, 4));
    }

    private Schedule choose(Question question, Candidate... candidates) {
        return scheduling.choose(question.asker(), List.of(candidates), 4);
    }

    private static Schedule parents(String... names) {
        return new Schedule.Parents(List.of(names).stream().map(PeerId::new).toList());
    }

    private static Candidate complete(String name) {
        return new CandidateBuilder(name).complete().build();
    }

    /** A candidate that has nothing and does nothing, until told otherwise. */
    private static final class CandidateBuilder {
        private final PeerId peer;
        private int pieces;
        private boolean complete;
        private boolean atSource;
        private boolean fed;
        private boolean seed;
        private boolean darter;
        private int children;
        private int free = 50;
        private double success = 1;
        private boolean sameIdc;
        private int depth;
        private boolean elsewhere;

        CandidateBuilder(String name) {
            peer = new PeerId(name);
        }

        CandidateBuilder pieces(int number) {
            pieces = number;
            return this;
        }

        CandidateBuilder complete() {
            complete = true;
            return this;
        }

        CandidateBuilder atSource() {
            atSource = true;
            return this;
        }

        CandidateBuilder fed() {
            fed = true;
            return this;
        }

        CandidateBuilder seed() {
            seed = true;
            return this;
        }

        CandidateBuilder darter() {
            darter = true;
            return this;
        }

        CandidateBuilder children(int number) {
            children = number;
            return this;
        }

        CandidateBuilder free(int slots) {
            free = slots;
            return this;
        }

        CandidateBuilder success(double share) {
            success = share;
            return this;
        }

        CandidateBuilder sameIdc() {
            sameIdc = true;
            return this;
        }

        CandidateBuilder depth(int elements) {
            depth = elements;
            return this;
        }

        CandidateBuilder elsewhere() {
            elsewhere = true;
            return this;
        }

        Candidate build() {
            return new Candidate(
                    peer, pieces, complete, atSource, fed, seed, darter, children, free, 50, success, sameIdc, depth,
                    elsewhere);
        }
    }
}
