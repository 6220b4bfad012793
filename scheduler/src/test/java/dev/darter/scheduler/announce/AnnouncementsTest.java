package dev.darter.scheduler.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.announce.TestOffice.Client;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.TaskState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AnnouncementsTest {
    private static final OriginFailure NOT_FOUND = new OriginFailure(false, 404, "404 Not Found", Map.of());

    private TestOffice office = new TestOffice();

    @AfterEach
    void close() {
        office.close();
    }

    @Test
    void peersAreToldOnceOfASeedThatFetchesBeforeItHasAnything() {
        Client early = office.start("early");
        assertThat(early.told()).isEmpty();

        PeerId seed = office.seedBegins("seed");
        assertThat(early.parents()).containsExactly(seed);
        Client late = office.start("late");
        assertThat(late.parents()).containsExactly(seed);

        office.seedGets(seed, 0);
        office.pass(Duration.ofSeconds(2));
        assertThat(early.told()).hasSize(1);
        assertThat(late.told()).hasSize(1);
    }

    @Test
    void nobodyGoesToTheSourceWhileASeedFetches() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = startMany(20);

        office.pass(Duration.ofMinutes(4));

        assertThat(peers).allSatisfy(peer -> {
            assertThat(peer.told()).hasSize(1);
            assertThat(peer.parents()).containsExactly(seed);
        });
    }

    @Test
    void nobodyGoesToTheSourceWhileASeedIsAsked() {
        List<Client> peers = startMany(20);
        assertThat(office.task().beginSeeding()).isTrue();

        office.pass(Duration.ofMinutes(4));

        assertThat(peers).allSatisfy(peer -> assertThat(peer.told()).isEmpty());
    }

    @Test
    void whenTheSeedFailsOnePeerReadsTheSourceAndTheOthersFollowIt() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = startMany(20);

        office.seedDies(seed);
        for (int i = 0; i < 20; i++) {
            office.pass(Duration.ofSeconds(1));
        }

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
        Client reader = peers.stream().filter(Client::isAtSource).findFirst().orElseThrow();
        office.announcements.pieceFinished(reader.peer(), Optional.empty(), TestOffice.piece(0));
        assertThat(peers)
                .filteredOn(peer -> !peer.equals(reader))
                .allSatisfy(peer ->
                        assertThat(peer.parents()).containsExactly(reader.peer().id()));
    }

    @Test
    void whenTheSeedDiesLongAfterTheStartItsChildrenDoNotStormTheSource() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = startMany(20);
        office.seedGets(seed, 0);
        assertThat(peers).allSatisfy(peer -> assertThat(peer.parents()).containsExactly(seed));
        office.pass(Duration.ofMinutes(20));

        office.seedDies(seed);
        for (int i = 0; i < 20; i++) {
            office.pass(Duration.ofMillis(500));
        }

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
        assertThat(peers).allSatisfy(peer -> assertThat(peer.told()).noneMatch(Notice.GiveUp.class::isInstance));
    }

    @Test
    void ofOurPeersThatHaveOnlyEachOtherOneReadsTheSourceAndTheOthersFollowIt() {
        List<Client> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(office.startDarter("peer-" + i));
        }

        for (int i = 0; i < 30; i++) {
            office.pass(Duration.ofMillis(100));
        }

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
        Client reader = peers.stream().filter(Client::isAtSource).findFirst().orElseThrow();
        for (int i = 0; i < 20; i++) {
            office.pass(Duration.ofMillis(100));
        }
        assertThat(peers)
                .filteredOn(peer -> !peer.equals(reader))
                .allSatisfy(peer ->
                        assertThat(peer.parents()).contains(reader.peer().id()));
    }

    @Test
    void whenASeedDiesOneOfOurPeersReadsTheSourceThoughAllHaveParents() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(office.startDarter("peer-" + i));
        }
        office.seedGets(seed, 0);
        peers.forEach(peer -> office.announcements.pieceFinished(peer.peer(), Optional.of(seed), TestOffice.piece(0)));
        office.pass(Duration.ofMinutes(1));

        office.seedDies(seed);
        for (int i = 0; i < 50; i++) {
            office.pass(Duration.ofMillis(100));
        }

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
    }

    @Test
    void nobodyLeavesForTheSourceWhileAnybodyHasEverything() {
        announce("holder", 3 << 22, 3);
        List<Client> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            peers.add(office.startDarter("peer-" + i));
        }

        for (int i = 0; i < 100; i++) {
            office.pass(Duration.ofSeconds(1));
        }

        assertThat(peers).noneMatch(Client::isAtSource);
    }

    @Test
    void whatWaitsCostsNothingUntilItsTimeHasCome() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = startMany(200);
        assertThat(peers).allSatisfy(peer -> assertThat(peer.parents()).containsExactly(seed));
        int before = office.decisions();

        for (int i = 0; i < 9; i++) {
            office.pass(Duration.ofMillis(100));
        }

        assertThat(office.decisions()).isEqualTo(before);
    }

    @Test
    void oneFreeSlotDoesNotMakeAllThoseWaitingLookForIt() {
        announce("holder", 3 << 22, 3);
        Host host = office.swarm.host(Hosts.named("holder").id()).orElseThrow();
        host.limitUploads(1);
        List<Client> peers = startMany(500);
        assertThat(peers).filteredOn(peer -> !peer.parents().isEmpty()).hasSize(1);
        host.limitUploads(2);
        int before = office.decisions();

        office.matchmaker.parentAppeared(office.task());

        assertThat(peers).filteredOn(peer -> !peer.parents().isEmpty()).hasSize(2);
        assertThat(office.decisions() - before).isLessThan(20);
    }

    @Test
    void aPlaceIsFedFromElsewhereByAFewOnly() {
        PeerId seed = office.seedBegins("seed", "idc-a");
        List<Client> here = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            here.add(office.startDarter(Hosts.at("peer-" + i, "idc-b", "")));
        }
        for (int i = 0; i < 30; i++) {
            office.pass(Duration.ofSeconds(1));
        }

        assertThat(here).filteredOn(peer -> peer.parents().contains(seed)).hasSizeBetween(1, 3);

        for (Client crossing :
                here.stream().filter(peer -> peer.parents().contains(seed)).toList()) {
            office.announcements.finished(crossing.peer().id(), false, -1, -1, Optional.empty());
        }
        for (int i = 0; i < 60; i++) {
            office.pass(Duration.ofSeconds(1));
        }

        assertThat(here)
                .filteredOn(peer -> peer.peer().state() == PeerState.RUNNING
                        && peer.parents().contains(seed))
                .isNotEmpty();
    }

    @Test
    void whenTheReaderFailsTheNextOneMayGo() {
        List<Client> peers = startMany(3);
        office.pass(TestOffice.OFFER);
        Client first = peers.stream().filter(Client::isAtSource).findFirst().orElseThrow();

        office.announcements.finished(first.peer().id(), false, -1, -1, Optional.empty());
        office.pass(TestOffice.OFFER);

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(2);
    }

    @Test
    void aReaderWhoseStreamBrokeAndDoesNotComeBackMakesRoom() {
        List<Client> peers = startMany(3);
        office.pass(TestOffice.OFFER);
        Client reader = peers.stream().filter(Client::isAtSource).findFirst().orElseThrow();

        office.announcements.disconnect(reader.peer(), reader.stream(), true);
        office.housekeeping.collectPeers();
        assertThat(reader.peer().state()).isEqualTo(PeerState.BACK_TO_SOURCE);
        office.clock.pass(Duration.ofSeconds(16));
        office.housekeeping.collectPeers();

        assertThat(reader.peer().state()).isEqualTo(PeerState.LEFT);
        assertThat(peers).filteredOn(Client::isAtSource).hasSize(2);
    }

    @Test
    void aPeerThatComesBackInTimeGoesOnAndIsToldOfTheSourceAgain() {
        Client peer = office.start("peer");
        office.pass(TestOffice.OFFER);
        office.announcements.disconnect(peer.peer(), peer.stream(), true);

        Client again = office.connect("peer");
        office.announcements.begin(again.peer());
        office.clock.pass(Duration.ofSeconds(16));
        office.housekeeping.collectPeers();

        assertThat(again.told()).containsExactly(new Notice.BackToSource(false));
        assertThat(again.peer().state()).isEqualTo(PeerState.BACK_TO_SOURCE);
    }

    @Test
    void aStreamThatEndsInOrderIsNoLoss() {
        Client peer = office.start("peer");
        office.pass(TestOffice.OFFER);
        office.announcements.disconnect(peer.peer(), peer.stream(), false);

        office.clock.pass(Duration.ofSeconds(60));
        office.housekeeping.collectPeers();

        assertThat(peer.peer().state()).isEqualTo(PeerState.BACK_TO_SOURCE);
    }

    @Test
    void theEndOfAnOldStreamDoesNotHurtTheNewOne() {
        Client old = office.start("peer");
        Client fresh = office.connect("peer");

        office.announcements.disconnect(old.peer(), old.stream(), true);
        PeerId seed = office.seedBegins("seed");

        assertThat(fresh.parents()).containsExactly(seed);
        assertThat(old.told()).isEmpty();
    }

    @Test
    void afterARestartNobodyIsSentToTheSourceBeforeHoldersHadTimeToAnnounceThemselves() {
        restart();
        Client plain = office.start("plain");
        Client urgent = office.start("urgent", UrlMeta.NONE.withPriority(Priority.LEVEL3));
        for (int i = 0; i < 19; i++) {
            office.pass(Duration.ofMillis(500));
        }
        assertThat(plain.told()).isEmpty();
        assertThat(urgent.told()).isEmpty();

        announce("holder", 3 << 22, 3);

        assertThat(plain.parents()).containsExactly(new PeerId("holder"));
        assertThat(urgent.parents()).containsExactly(new PeerId("holder"));
        assertThat(office.task().state()).isEqualTo(TaskState.SUCCEEDED);
    }

    @Test
    void afterThoseTenSecondsOneGoes() {
        restart();
        List<Client> peers = startMany(5);
        office.pass(Duration.ofMillis(9_999));
        assertThat(peers).noneMatch(Client::isAtSource);

        office.pass(Duration.ofMillis(1));

        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
    }

    @Test
    void aPermanentRefusalIsToldToAllWhoHaveNothing() {
        PeerId seed = office.seedBegins("seed");
        Client peer = office.start("peer");

        office.task().endSeeding();
        assertThat(peer.parents()).containsExactly(seed);
        office.seeding.seedFailed(office.task(), Optional.of(seed), Optional.of(NOT_FOUND));

        assertThat(peer.told())
                .hasSize(2)
                .endsWith(new Notice.GiveUp(ErrorCode.BACK_TO_SOURCE_ABORTED, Optional.of(NOT_FOUND)));
        assertThat(peer.peer().state()).isEqualTo(PeerState.FAILED);
    }

    @Test
    void whoBeginsJustAfterARefusalIsToldToo() {
        PeerId seed = office.seedBegins("seed");
        var _ = office.register("peer", UrlMeta.NONE);
        Client peer = office.connect("peer");
        office.task().endSeeding();
        office.seeding.seedFailed(office.task(), Optional.of(seed), Optional.of(NOT_FOUND));

        office.announcements.begin(peer.peer());

        assertThat(peer.told())
                .containsExactly(new Notice.GiveUp(ErrorCode.BACK_TO_SOURCE_ABORTED, Optional.of(NOT_FOUND)));
    }

    @Test
    void aRefusalIsForgottenSoon() {
        PeerId seed = office.seedBegins("seed");
        office.task().endSeeding();
        office.seeding.seedFailed(office.task(), Optional.of(seed), Optional.of(NOT_FOUND));
        office.clock.pass(Duration.ofSeconds(6));

        Client peer = office.start("peer");

        assertThat(peer.told()).isEmpty();
    }

    @Test
    void aFailedParentIsNotOfferedAgainAndTheSourceIsOfferedInTime() {
        PeerId seed = office.seedBegins("seed");
        office.seedGets(seed, 0);
        office.seedEnds(seed, 1 << 22, 1);
        Client peer = office.start("peer");
        assertThat(peer.parents()).containsExactly(seed);

        office.announcements.pieceFailed(peer.peer(), seed, ErrorCode.CLIENT_PIECE_REQUEST_FAIL);
        assertThat(peer.told()).hasSize(1);
        office.pass(TestOffice.OFFER);

        assertThat(peer.isAtSource()).isTrue();
    }

    @Test
    void aPeerOfAnotherTaskCannotBeAccusedHere() {
        PeerId seed = office.seedBegins("seed");
        office.seedGets(seed, 0);
        var other = new Announcements.Registration(
                new dev.darter.core.TaskId("other"),
                "http://origin/b",
                UrlMeta.NONE,
                new PeerId("liar"),
                Hosts.named("liar"),
                false);
        var _ = office.announcements.register(other);
        Client liar = office.connect("liar");
        office.announcements.begin(liar.peer());

        office.announcements.pieceFailed(liar.peer(), seed, ErrorCode.PEER_TASK_NOT_FOUND);

        assertThat(office.swarm.peer(seed).orElseThrow().state()).isEqualTo(PeerState.RUNNING);
    }

    @Test
    void aParentThatLostItsDataGoesAndItsChildrenFindAnother() {
        PeerId seed = office.seedBegins("seed");
        office.seedGets(seed, 0);
        office.seedEnds(seed, 1 << 22, 1);
        Client first = office.start("first");
        Client second = office.start("second");
        announce("holder", 1 << 22, 1);

        office.announcements.pieceFailed(first.peer(), seed, ErrorCode.PEER_TASK_NOT_FOUND);

        assertThat(office.swarm.peer(seed).orElseThrow().state()).isEqualTo(PeerState.FAILED);
        assertThat(first.parents()).containsExactly(new PeerId("holder"));
        assertThat(second.parents()).containsExactly(new PeerId("holder"));
    }

    @Test
    void childrenOfAPeerThatLeavesAreGivenOthers() {
        announce("one", 2 << 22, 2);
        Client child = office.start("child");
        assertThat(child.parents()).containsExactly(new PeerId("one"));
        announce("two", 2 << 22, 2);

        office.announcements.leaveTask(new PeerId("one"));

        assertThat(child.parents()).containsExactly(new PeerId("two"));
        assertCoded(ErrorCode.SCHED_TASK_STATUS_ERROR, () -> office.announcements.leaveTask(new PeerId("one")));
        assertCoded(ErrorCode.SCHED_PEER_NOT_FOUND, () -> office.announcements.leaveTask(new PeerId("nobody")));
    }

    @Test
    void aHostThatLeavesTakesItsPeersAlong() {
        announce("one", 2 << 22, 2);
        Client child = office.start("child");

        office.hosts.leaveHost(Hosts.named("one").id());
        office.pass(TestOffice.OFFER);

        assertThat(office.swarm.peer(new PeerId("one")).orElseThrow().state()).isEqualTo(PeerState.LEFT);
        assertThat(child.isAtSource()).isTrue();
        assertCoded(
                ErrorCode.BAD_REQUEST,
                () -> office.hosts.leaveHost(Hosts.named("nobody").id()));
    }

    @Test
    void contentThatNobodyHasIsNotAnsweredFromMemory() {
        announce("holder", 3, 1);
        office.task().keepTinyContent(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(office.register("first", UrlMeta.NONE).scope()).isInstanceOf(Announcements.Scope.Tiny.class);

        office.announcements.leaveTask(new PeerId("holder"));
        announce("other", 3, 1);

        assertThat(office.register("second", UrlMeta.NONE).scope()).isEqualTo(new Announcements.Scope.Normal());
    }

    @Test
    void anAnnouncementThatContradictsOtherHoldersIsRefused() {
        announce("holder", 100, 1);

        assertCoded(ErrorCode.SCHED_ERROR, () -> announce("liar", 101, 1));

        assertThat(office.task().contentLength()).isEqualTo(100);
        assertThat(office.swarm.peer(new PeerId("liar"))).isEmpty();
    }

    @Test
    void whoGotAllInTheAnswerWantsNoParents() {
        announce("holder", 0, 0);
        assertThat(office.register("peer", UrlMeta.NONE).scope()).isEqualTo(new Announcements.Scope.Empty());
        Client peer = office.connect("peer");

        office.announcements.begin(peer.peer());
        office.pass(Duration.ofMinutes(1));

        assertThat(peer.told()).isEmpty();
        assertThat(peer.peer().state()).isEqualTo(PeerState.RUNNING);
    }

    @Test
    void aSmallTaskComesWithItsHolderAndFallsBackToOtherParents() {
        announce("holder", 1000, 1);
        var registered = office.register("peer", UrlMeta.NONE);
        assertThat(registered.scope())
                .isEqualTo(new Announcements.Scope.Small(
                        new PeerId("holder"), Hosts.named("holder"), TestOffice.piece(0)));
        Client peer = office.connect("peer");
        office.announcements.begin(peer.peer());
        announce("other", 1000, 1);
        assertThat(peer.told()).isEmpty();

        office.announcements.pieceFailed(peer.peer(), new PeerId("holder"), ErrorCode.CLIENT_PIECE_REQUEST_FAIL);

        assertThat(peer.parents()).containsExactly(new PeerId("other"));
    }

    @Test
    void theTypeOfTheTaskComesWithTheAnswer() {
        var held = new HostAnnouncements.Held(
                TestOffice.TASK,
                TaskType.DFCACHE,
                "d7y:/x",
                UrlMeta.NONE,
                new PeerId("holder"),
                Hosts.named("holder"),
                false,
                List.of(TestOffice.piece(0), TestOffice.piece(1)),
                2L << 22,
                2);
        office.hosts.announceTask(held);

        assertThat(office.register("peer", UrlMeta.NONE))
                .isEqualTo(new Announcements.Registered(TaskType.DFCACHE, new Announcements.Scope.Normal()));
    }

    @Test
    void nobodyReadsTheSourceOfAnImport() {
        announceImport("holder");
        Client peer = office.start("peer");
        office.announcements.leaveTask(new PeerId("holder"));

        office.pass(TestOffice.GIVE_UP);

        assertThat(peer.told().getLast())
                .isEqualTo(new Notice.GiveUp(ErrorCode.SCHED_TASK_STATUS_ERROR, Optional.empty()));
    }

    @Test
    void prioritiesDecideWhoFetchesWhatNobodyHas() {
        assertCoded(
                ErrorCode.SCHED_FORBIDDEN, () -> office.register("one", UrlMeta.NONE.withPriority(Priority.LEVEL1)));
        assertCoded(
                ErrorCode.SCHED_FORBIDDEN, () -> office.register("two", UrlMeta.NONE.withPriority(Priority.LEVEL2)));
        assertThat(office.swarm.peers()).isEmpty();

        Client three = office.start("three", UrlMeta.NONE.withPriority(Priority.LEVEL3));
        assertThat(three.told()).containsExactly(new Notice.BackToSource(false));
    }

    @Test
    void aPeerThatWasGivenUpRegistersAnewUnderItsId() {
        Client peer = office.start("peer");
        office.announcements.leaveTask(peer.peer().id());
        assertCoded(ErrorCode.SCHED_REREGISTER, () -> office.connect("peer"));

        Client again = office.start("peer");

        assertThat(again.peer().state()).isEqualTo(PeerState.RUNNING);
        assertThat(again.peer()).isNotSameAs(peer.peer());
    }

    @Test
    void aPeerIdBelongsToOneTask() {
        var _ = office.register("peer", UrlMeta.NONE);

        assertCoded(
                ErrorCode.SCHED_ERROR,
                () -> office.announcements.register(new Announcements.Registration(
                        new dev.darter.core.TaskId("other"),
                        "http://origin/b",
                        UrlMeta.NONE,
                        new PeerId("peer"),
                        Hosts.named("peer"),
                        false)));
    }

    @Test
    void aReportThatComesLateIsNoReasonToForgetWhoMayGoToTheSource() {
        var seed = office.seedBegins("seed");
        office.seedGets(seed, 0);
        Client peer = office.start("peer");
        office.seedDies(seed);
        office.clock.pass(Duration.ofSeconds(5));

        office.announcements.pieceFinished(peer.peer(), Optional.of(seed), TestOffice.piece(0));
        office.matchmaker.tick();

        assertThat(peer.isAtSource()).isTrue();
    }

    @Test
    void noticesArriveInTheOrderOfTheDecisions() throws InterruptedException {
        Client peer = office.start("peer");
        var order = new CopyOnWriteArrayList<Integer>();
        var threads = new ArrayList<Thread>();
        var decided = new ArrayList<Notice>();
        for (int i = 0; i < 200; i++) {
            int code = i;
            threads.add(Thread.ofVirtual().unstarted(() -> {
                synchronized (peer.peer().task()) {
                    order.add(code);
                    var notice = new Notice.Parents(
                            List.of(new Notice.Parent(new PeerId("p" + code), Hosts.named("h" + code), false, false)));
                    decided.add(notice);
                    peer.peer().tell(notice);
                }
                peer.peer().deliver();
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(order).hasSize(200);
        assertThat(peer.told()).containsExactlyElementsOf(decided);
    }

    @Test
    void slotsOfASeedAreAllFreeWhenEveryoneIsDone() {
        PeerId seed = office.seedBegins("seed");
        List<Client> peers = startMany(20);
        office.seedGets(seed, 0);
        office.seedEnds(seed, 1 << 22, 1);

        for (Client peer : peers) {
            office.announcements.finished(peer.peer().id(), true, 1 << 22, 1, Optional.empty());
        }

        assertThat(office.swarm.hosts())
                .allSatisfy(host -> assertThat(host.freeUploads())
                        .isEqualTo(host.type().isSeed() ? Host.SEED_UPLOAD_LIMIT : Host.NORMAL_UPLOAD_LIMIT));
    }

    private List<Client> startMany(int number) {
        var peers = new ArrayList<Client>();
        for (int i = 0; i < number; i++) {
            peers.add(office.start("peer-" + i));
        }
        return peers;
    }

    private void restart() {
        office.close();
        office = new TestOffice(Duration.ofSeconds(10));
    }

    private void announce(String name, long length, int pieces) {
        announce(name, TaskType.STANDARD, length, pieces);
    }

    private void announceImport(String name) {
        announce(name, TaskType.DFCACHE, 2 << 22, 2);
    }

    private void announce(String name, TaskType type, long length, int pieces) {
        var held = new ArrayList<dev.darter.core.Piece>();
        for (int i = 0; i < pieces; i++) {
            held.add(TestOffice.piece(i));
        }
        office.hosts.announceTask(new HostAnnouncements.Held(
                TestOffice.TASK,
                type,
                "http://origin/a",
                UrlMeta.NONE,
                new PeerId(name),
                Hosts.named(name),
                false,
                held,
                length,
                pieces));
    }

    private static void assertCoded(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(CodedException.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
                .withMessageMatching("(?s).*: .*");
    }
}
