package dev.darter.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.ExtendAttribute;
import dev.darter.proto.common.v1.Host;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.SizeScope;
import dev.darter.proto.common.v1.UrlMeta;
import dev.darter.proto.errordetails.v1.SourceError;
import dev.darter.proto.manager.v2.DarterBorders;
import dev.darter.proto.manager.v2.DarterCluster;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.FinishedPieces;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.ProbeStartedRequest;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.proto.scheduler.v1.StatTaskRequest;
import dev.darter.proto.scheduler.v1.SyncProbesRequest;
import dev.darter.proto.scheduler.v1.SyncProbesResponse;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole scheduler over real sockets, with a manager, a seed peer and peers that do as they are told. */
@Timeout(120)
final class SchedulerIT {
    private static final String URL = "http://origin/file";
    private static final int SEEDINGS = SchedulerConfig.Policy.DEFAULT.seedingsPerSeed();
    private static final PeerId SEED_PEER = new PeerId("127.0.0.1-1-x_Seed");

    private final RpcRuntime runtime = new RpcRuntime();
    private final FakeSeed seed;
    private FakeManager manager;
    private TestScheduler scheduler;

    @TempDir
    private Path directory;

    SchedulerIT() throws Exception {
        seed = new FakeSeed(runtime, "seed");
        manager = FakeManager.start(runtime, seed.entry());
    }

    @BeforeEach
    void start() throws Exception {
        scheduler = new TestScheduler(runtime, directory, Optional.of(manager.address()));
        awaitSeed();
    }

    @AfterEach
    void stop() {
        scheduler.close();
        manager.close();
        seed.close();
        runtime.close();
    }

    @Test
    void entersItselfWithTheManagerAndStaysAlive() {
        assertThat(manager.updates().getFirst().getHostname()).isEqualTo("sched");
        assertThat(manager.updates().getFirst().getPort()).isEqualTo(8002);
        await().until(() -> manager.keepAlives().size() >= 3);
        assertThat(manager.keepAlives().getFirst().getClusterId()).isEqualTo(1);

        scheduler.close();
        await().until(() -> manager.openKeepAlives() == 0);
    }

    @Test
    void entersItselfAgainWithAManagerThatForgotIt() throws Exception {
        var address = manager.address();
        manager.close();
        manager = FakeManager.restart(runtime, address, seed.entry());

        // Whether the scheduler saw it go or not: the answer that it is unknown is what counts.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(manager.updates()).first().satisfies(entry -> {
                assertThat(entry.getHostname()).isEqualTo("sched");
                assertThat(entry.getPort()).isEqualTo(8002);
            });
            assertThat(manager.keepAlives()).isNotEmpty();
        });
    }

    @Test
    void takesManyPiecesInOneReportFromPeersOfOurs() throws Exception {
        var ours = TestScheduler.registration(URL, "ours");
        ours.getPeerHostBuilder().addDarterFeatures(Features.MARK);
        var answer = scheduler.stub().registerPeerTask(ours.build());
        assertThat(answer.getDarterFeaturesList()).containsExactly(Features.MARK);
        assertThat(scheduler
                        .stub()
                        .registerPeerTask(
                                TestScheduler.registration(URL, "theirs").build())
                        .getDarterFeaturesList())
                .isEmpty();
        var stream = scheduler.new Stream(answer.getTaskId(), "ours");
        stream.begin();

        stream.send(stream.report()
                .setSuccess(true)
                .setCode(Code.Success)
                .setPieceInfo(PieceInfo.newBuilder().setPieceNum(0).setRangeSize(1000))
                .addDarterFinished(FinishedPieces.newBuilder()
                        .setDstPid("other")
                        .addPieces(PieceInfo.newBuilder().setPieceNum(1).setRangeSize(1000))
                        .addPieces(PieceInfo.newBuilder().setPieceNum(2).setRangeSize(1000)))
                .build());

        await().until(() -> scheduler
                        .server()
                        .swarm()
                        .peer(new PeerId("ours"))
                        .orElseThrow()
                        .finished()
                        .cardinality()
                == 3);
    }

    @Test
    void startsFromWhatItRemembersWhenTheManagerIsAway() throws Exception {
        await().until(() -> Files.exists(copy()));
        scheduler.close();
        var address = manager.address();
        manager.close();

        scheduler = new TestScheduler(runtime, directory, Optional.of(address));
        awaitSeed();
        var peer = scheduler.start(URL, "peer");

        assertThat(seed.awaitFetch().request().getUrl()).isEqualTo(URL);
        assertThat(peer.packets()).isEmpty();
    }

    @Test
    void aCopyThatCannotBeReadDoesNotKeepItFromStarting() throws Exception {
        await().until(() -> Files.exists(copy()));
        scheduler.close();
        for (String text : List.of("{}", "null", "[1]", "{\"view\":{\"seeds\":5}}", "\u0000")) {
            Files.writeString(copy(), text);
            scheduler = new TestScheduler(runtime, directory, Optional.of(manager.address()));
            awaitSeed();
            await().until(() -> Files.readString(copy()).contains("127.0.0.1"));
            scheduler.close();
        }
    }

    @Test
    void isHealthyUntilItStops() {
        var health = HealthGrpc.newBlockingStub(scheduler.channel());
        assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void oneSeedPeerFetchesOnceHoweverManyAskAtOnce() throws Exception {
        List<TestScheduler.Stream> peers = atOnce(100, i -> scheduler.start(URL, "peer-" + i));

        var fetch = seed.awaitFetch();
        fetch.answer().onNext(seed.began(SEED_PEER));
        fetch.answer().onNext(seed.piece(SEED_PEER, 0, 1000, 3, false));

        for (TestScheduler.Stream peer : peers) {
            PeerPacket packet = peer.await();
            assertThat(packet.getCode()).isEqualTo(Code.Success);
            assertThat(packet.getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
            assertThat(packet.getMainPeer().getRpcPort()).isEqualTo(seed.port());
            assertThat(packet.getTaskId()).isEqualTo(peer.task);
            assertThat(packet.getSrcPid()).isEqualTo(peer.peer);
        }
        assertThat(seed.requests()).hasSize(1);
        assertThat(seed.requests().getFirst().getTaskId()).isEqualTo(peers.getFirst().task);
    }

    @Test
    void onePeerReadsTheOriginWhenNoSeedPeerCanAndTheOthersFollowIt() throws Exception {
        List<TestScheduler.Stream> peers = atOnce(30, i -> scheduler.start(URL, "peer-" + i));
        seed.awaitFetch()
                .answer()
                .onError(Status.INTERNAL.withDescription("disk full").asRuntimeException());

        await().until(() -> peers.stream().anyMatch(peer -> !peer.packets().isEmpty()));
        var reader = peers.stream()
                .filter(peer -> !peer.packets().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(reader.await())
                .isEqualTo(PeerPacket.newBuilder()
                        .setCode(Code.SchedNeedBackSource)
                        .build());
        reader.got(0, "");

        for (TestScheduler.Stream peer : peers) {
            if (!peer.equals(reader)) {
                assertThat(peer.await().getMainPeer().getPeerId()).isEqualTo(reader.peer);
            }
        }
    }

    @Test
    void whatTheOriginRefusedForGoodIsToldToEverybodyAndNotAskedAgainAtOnce() throws Exception {
        var first = scheduler.start(URL, "first");
        seed.awaitFetch().answer().onError(refusal(404));

        PeerPacket packet = first.await();
        assertThat(packet.getCode()).isEqualTo(Code.BackToSourceAborted);
        assertThat(packet.getSourceError().getMetadata().getStatusCode()).isEqualTo(404);
        var second = scheduler.start(URL, "second");
        assertThat(second.await().getCode()).isEqualTo(Code.BackToSourceAborted);
        assertThat(seed.requests()).hasSize(1);
    }

    @Test
    void theNextSeedPeerTakesOverWhenOneIsLost() throws Exception {
        FakeSeed other = startWithAnotherSeed();
        var peer = scheduler.start(URL, "peer");
        await().until(() -> seed.requests().size() + other.requests().size() == 1);
        FakeSeed lost = seed.requests().isEmpty() ? other : seed;
        FakeSeed next = lost.equals(seed) ? other : seed;

        lost.close();

        var fetch = next.awaitFetch();
        fetch.answer().onNext(next.began(SEED_PEER));
        fetch.answer().onNext(next.piece(SEED_PEER, 0, 1000, 1, true));
        fetch.answer().onCompleted();
        assertThat(peer.await().getMainPeer().getRpcPort()).isEqualTo(next.port());
        other.close();
    }

    @Test
    void seedPeersThatHaveNothingElseToDoReadALargeTaskTogether() throws Exception {
        FakeSeed other = startWithAnotherSeed();
        for (FakeSeed ours : List.of(seed, other)) {
            await().until(() -> scheduler.server().swarm().host(ours.hostId()).isPresent());
            scheduler.server().swarm().host(ours.hostId()).orElseThrow().saidItIsDarter();
        }
        var peer = scheduler.startDarter(URL, "peer");

        await().until(() -> seed.requests().size() + other.requests().size() == 1);
        FakeSeed first = seed.requests().isEmpty() ? other : seed;
        FakeSeed second = first.equals(seed) ? other : seed;
        var fetch = first.awaitFetch();
        assertThat(fetch.request().getDarterSeeds()).isEqualTo(2);
        assertThat(fetch.request().getDarterHelps()).isFalse();
        fetch.answer().onNext(first.began(SEED_PEER));
        assertThat(second.requests())
                .as("before it is known how long the content is")
                .isEmpty();
        fetch.answer()
                .onNext(first.began(SEED_PEER).toBuilder()
                        .setContentLength(64 << 20)
                        .build());

        var help = second.awaitFetch();
        assertThat(help.request().getDarterSeeds()).isEqualTo(2);
        assertThat(help.request().getDarterHelps()).isTrue();
        assertThat(help.request().hasDarterWarrant())
                .as("it gets one with every part")
                .isFalse();
        var helper = new PeerId("127.0.0.1-2-x_Seed");
        help.answer().onNext(second.began(helper));
        await().until(() -> scheduler.server().swarm().peer(helper).isPresent());
        help.answer().onError(Status.INTERNAL.withDescription("disk full").asRuntimeException());
        await().until(() ->
                scheduler.server().swarm().peer(helper).orElseThrow().state() == PeerState.FAILED);

        fetch.answer().onNext(first.piece(SEED_PEER, 0, 32 << 20, 2, false));
        fetch.answer().onNext(first.piece(SEED_PEER, 1, 32 << 20, 2, true));
        fetch.answer().onCompleted();
        await().until(() ->
                scheduler.server().swarm().peer(SEED_PEER).orElseThrow().state() == PeerState.SUCCEEDED);
        assertThat(peer.await().getCode())
                .as("whoever helps no more changes nothing")
                .isEqualTo(Code.Success);
        other.close();
    }

    @Test
    void aSeedPeerThatTheManagerDoesNotListUnderItsNameIsHungUpOn() throws Exception {
        var peer = scheduler.start(URL, "peer");
        var fetch = seed.awaitFetch();
        fetch.answer()
                .onNext(seed.began(SEED_PEER).toBuilder().setHostId("somebody").build());

        assertThat(fetch.hungUp().await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.await().getCode()).isEqualTo(Code.SchedNeedBackSource);
    }

    @Test
    void withSeedPeersSwitchedOffNoneIsAsked() throws Exception {
        scheduler.close();
        var off = new SchedulerConfig.SeedPeer(false, Duration.ofHours(1));
        Path fresh = Files.createDirectory(directory.resolve("fresh"));
        scheduler = new TestScheduler(runtime, fresh, Optional.of(manager.address()), off);
        awaitSeed();

        var peer = scheduler.start(URL, "peer");

        assertThat(peer.await().getCode()).isEqualTo(Code.SchedNeedBackSource);
        assertThat(seed.requests()).isEmpty();
    }

    @Test
    void aPeerOfOursReadsTheOriginWhileSeedPeersHaveEnoughToDo() throws Exception {
        keepTheSeedPeerBusy();

        PeerPacket order = scheduler.startDarter(URL, "ours").await();

        assertThat(order.getCode()).isEqualTo(Code.SchedNeedBackSource);
        assertThat(order.getDarterMayReturn()).isTrue();
        var follower = scheduler.start(URL, "follower");
        assertThat(seed.requests()).hasSize(SEEDINGS);
        assertThat(follower.packets()).isEmpty();
        var _ = scheduler.start("http://origin/other", "theirs");
        assertThat(seed.awaitFetch().request().getUrl()).isEqualTo("http://origin/other");
        assertThat(seed.requests()).hasSize(SEEDINGS + 1);
    }

    @Test
    void whatAPeerCannotReadAtTheOriginIsLeftToASeedPeer() throws Exception {
        keepTheSeedPeerBusy();
        var ours = scheduler.startDarter(URL, "ours");
        assertThat(ours.await().getCode()).isEqualTo(Code.SchedNeedBackSource);

        ends(ours, new OriginFailure(true, 0, "connect timed out", Map.of()));

        var fetch = seed.awaitFetch();
        assertThat(fetch.request().getUrl()).isEqualTo(URL);
        var again = scheduler.startDarter(URL, "ours");
        fetch.answer().onNext(seed.began(SEED_PEER));
        fetch.answer().onNext(seed.piece(SEED_PEER, 0, 1000, 3, false));
        assertThat(again.await().getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
        var _ = scheduler.startDarter("http://origin/next", "next");
        assertThat(seed.awaitFetch().request().getUrl()).isEqualTo("http://origin/next");
        assertThat(scheduler
                        .startDarter("http://elsewhere/file", "third")
                        .await()
                        .getCode())
                .isEqualTo(Code.SchedNeedBackSource);
    }

    @Test
    void whoMayNotReadOriginsIsNotAskedToForAWhile() throws Exception {
        keepTheSeedPeerBusy();
        var ours = scheduler.startDarter(URL, "ours");
        assertThat(ours.await().getCode()).isEqualTo(Code.SchedNeedBackSource);

        var _ = scheduler
                .stub()
                .reportPeerResult(scheduler.result(ours, URL, false).build());

        assertThat(seed.awaitFetch().request().getUrl()).isEqualTo(URL);
        var again = TestScheduler.registration("http://elsewhere/file", "ours");
        again.setPeerId("ours-2").getPeerHostBuilder().addDarterFeatures(Features.MARK);
        var _ = scheduler.stub().registerPeerTask(again.build());
        assertThat(seed.awaitFetch().request().getUrl()).isEqualTo("http://elsewhere/file");
        assertThat(scheduler
                        .startDarter("http://origin/next", "another")
                        .await()
                        .getCode())
                .isEqualTo(Code.SchedNeedBackSource);
    }

    @Test
    void whatTheOriginAnswersAPeerForGoodHoldsForSeedPeersToo() throws Exception {
        keepTheSeedPeerBusy();
        var ours = scheduler.startDarter(URL, "ours");
        assertThat(ours.await().getCode()).isEqualTo(Code.SchedNeedBackSource);

        ends(ours, new OriginFailure(false, 404, "404 Not Found", Map.of()));

        assertThat(scheduler.startDarter(URL, "another").await().getCode()).isEqualTo(Code.BackToSourceAborted);
        assertThat(seed.requests()).hasSize(SEEDINGS);
    }

    private void keepTheSeedPeerBusy() throws Exception {
        for (int i = 0; i < SEEDINGS; i++) {
            var _ = scheduler.startDarter("http://busy/" + i, "busy-" + i);
            var _ = seed.awaitFetch();
        }
    }

    private void ends(TestScheduler.Stream peer, OriginFailure failure) {
        var _ = scheduler
                .stub()
                .reportPeerResult(scheduler
                        .result(peer, URL, false)
                        .setSourceError(RpcErrors.sourceError(failure))
                        .build());
    }

    @Test
    void tinyContentTravelsInTheAnswer() throws Exception {
        byte[] content = {1, 2, 3, 4};
        seed.serve(content);
        complete(4, 1);

        await().untilAsserted(() -> {
            var answer = scheduler
                    .stub()
                    .registerPeerTask(TestScheduler.registration(URL, "late-" + System.nanoTime())
                            .build());
            assertThat(answer.getSizeScope()).isEqualTo(SizeScope.TINY);
            assertThat(answer.getPieceContent().toByteArray()).isEqualTo(content);
        });
    }

    @Test
    void emptyAndSmallContentAreNamedInTheAnswer() throws Exception {
        var peer = scheduler.start(URL, "first");
        var fetch = seed.awaitFetch();
        fetch.answer().onNext(seed.began(SEED_PEER));
        fetch.answer()
                .onNext(seed.began(SEED_PEER).toBuilder()
                        .clearPieceInfo()
                        .setDone(true)
                        .build());
        fetch.answer().onCompleted();
        assertThat(peer.await().getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
        assertThat(scheduler
                        .stub()
                        .registerPeerTask(
                                TestScheduler.registration(URL, "late").build())
                        .getSizeScope())
                .isEqualTo(SizeScope.EMPTY);

        announce("http://origin/small", "holder", 1000, 1);
        var small = scheduler
                .stub()
                .registerPeerTask(TestScheduler.registration("http://origin/small", "late-too")
                        .build());
        assertThat(small.getSizeScope()).isEqualTo(SizeScope.SMALL);
        assertThat(small.getSinglePiece().getDstPid()).isEqualTo("holder");
        assertThat(small.getSinglePiece().getDstAddr()).isEqualTo("10.0.0.1:65002");
    }

    @Test
    void holdersThatAnnounceThemselvesAfterARestartAreOffered() throws Exception {
        announce(URL, "holder", 3000, 3);
        scheduler.close();
        scheduler = new TestScheduler(runtime, directory, Optional.of(manager.address()));
        awaitSeed();

        announce(URL, "holder", 3000, 3);
        var peer = scheduler.start(URL, "peer");

        assertThat(peer.await().getMainPeer().getPeerId()).isEqualTo("holder");
        assertThat(seed.requests()).isEmpty();
        var stat = scheduler
                .stub()
                .statTask(StatTaskRequest.newBuilder().setTaskId(peer.task).build());
        assertThat(stat.getState()).isEqualTo("Succeeded");
        assertThat(stat.getContentLength()).isEqualTo(3000);
        assertThat(stat.getTotalPieceCount()).isEqualTo(3);
        assertThat(stat.getHasAvailablePeer()).isTrue();
        assertThat(stat.getPeerCount()).isEqualTo(2);
    }

    @Test
    void aPeerThatTheSchedulerDoesNotKnowRegistersAgain() throws Exception {
        var stream = scheduler.new Stream("0".repeat(64), "nobody");
        stream.begin();

        assertThat(stream.awaitEnd().getDescription()).startsWith("[5007]");
    }

    @Test
    void aStreamThatBreaksIsReplacedByTheNextOne() throws Exception {
        var first = scheduler.start(URL, "peer");
        first.die();
        var second = scheduler.new Stream(first.task, "peer");
        second.begin();
        var fetch = seed.awaitFetch();
        fetch.answer().onNext(seed.began(SEED_PEER));
        fetch.answer().onNext(seed.piece(SEED_PEER, 0, 1000, 3, false));

        assertThat(second.await().getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
        assertThat(first.packets()).isEmpty();
    }

    @Test
    void aMessageThatMakesNoSenseEndsItsStreamAndNothingElse() throws Exception {
        var liar = scheduler.start(URL, "liar");
        liar.got(2_000_000_000, "");
        assertThat(liar.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        var again = scheduler.new Stream(liar.task, "liar");
        again.begin();
        var fetch = seed.awaitFetch();
        fetch.answer().onNext(seed.began(SEED_PEER));
        fetch.answer().onNext(seed.piece(SEED_PEER, 0, 1000, 3, false));
        assertThat(again.await().getCode()).isEqualTo(Code.Success);
    }

    @Test
    void whoLeavesWhileRegisteringLeavesNoTrace() throws Exception {
        complete(3000, 3);
        for (int round = 0; round < 20; round++) {
            String name = "peer-" + round;
            var host = LeaveHostRequest.newBuilder()
                    .setId(Hosts.named(name).id().value())
                    .build();
            List<Optional<Status.Code>> ends = atOnce(4, i -> {
                try {
                    if (i == 0) {
                        var _ = scheduler.stub().leaveHost(host);
                    } else if (i == 1) {
                        var _ = scheduler
                                .stub()
                                .leaveTask(PeerTarget.newBuilder()
                                        .setTaskId("x")
                                        .setPeerId(name)
                                        .build());
                    } else {
                        scheduler.start(URL, name).halfClose();
                    }
                    return Optional.empty();
                } catch (StatusRuntimeException e) {
                    return Optional.of(e.getStatus().getCode());
                }
            });
            assertThat(ends)
                    .allSatisfy(
                            end -> assertThat(end.orElse(Status.Code.UNKNOWN)).isEqualTo(Status.Code.UNKNOWN));
        }
        // All of them gone or done with: the seed's slots are free for a peer of another host.
        var last = scheduler.start(URL, "last");
        assertThat(last.await().getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
    }

    @Test
    void callsThatCannotBeServedNameTheCode() {
        String task = "0".repeat(64);
        assertCoded(
                ErrorCode.PEER_TASK_NOT_FOUND,
                () -> scheduler
                        .stub()
                        .statTask(StatTaskRequest.newBuilder().setTaskId(task).build()));
        assertCoded(
                ErrorCode.SCHED_PEER_NOT_FOUND,
                () -> scheduler
                        .stub()
                        .leaveTask(PeerTarget.newBuilder()
                                .setTaskId(task)
                                .setPeerId("x")
                                .build()));
        assertCoded(
                ErrorCode.BAD_REQUEST,
                () -> scheduler
                        .stub()
                        .leaveHost(LeaveHostRequest.newBuilder().setId("x").build()));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> scheduler
                        .stub()
                        .registerPeerTask(TestScheduler.registration(URL, "p")
                                .clearPeerHost()
                                .build()))
                .withMessageStartingWith("INVALID_ARGUMENT: peer_host");
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> scheduler
                        .stub()
                        .registerPeerTask(TestScheduler.registration(URL, "p")
                                .setUrlMeta(UrlMeta.newBuilder().putHeader("X", "x".repeat(300_000)))
                                .build()))
                .withMessageStartingWith("INVALID_ARGUMENT: url_meta");
    }

    @Test
    void probesAreTaken() throws Exception {
        var answers = new LinkedBlockingQueue<SyncProbesResponse>();
        var probes = SchedulerGrpc.newStub(scheduler.channel()).syncProbes(new StreamObserver<>() {
            @Override
            public void onNext(SyncProbesResponse answer) {
                answers.add(answer);
            }

            @Override
            public void onError(Throwable failure) {
                throw new AssertionError(failure);
            }

            @Override
            public void onCompleted() {
                // as expected
            }
        });
        probes.onNext(SyncProbesRequest.newBuilder()
                .setHost(Host.newBuilder()
                        .setId("h")
                        .setIp("10.0.0.1")
                        .setHostname("h")
                        .setPort(65000)
                        .setDownloadPort(65002))
                .setProbeStartedRequest(ProbeStartedRequest.getDefaultInstance())
                .build());

        assertThat(answers.poll(20, TimeUnit.SECONDS)).isNotNull();
        probes.onCompleted();
    }

    private Path copy() {
        return directory.resolve("cache").resolve("dynconfig").resolve("scheduler.json");
    }

    @Test
    void refusesHostsThatBelongToAnotherCluster() {
        manager.tells(DarterBorders.newBuilder()
                .addClusters(DarterCluster.newBuilder().setId(1).setName("home").setIsDefault(true))
                .addClusters(DarterCluster.newBuilder().setId(2).setName("vpc").setIdc("idc-2"))
                .build());
        var stranger = TestScheduler.registration(URL, "stranger");
        stranger.getPeerHostBuilder().setIdc("idc-2");

        await().untilAsserted(() -> assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> scheduler.stub().registerPeerTask(stranger.build()))
                .satisfies(failure -> assertThat(RpcErrors.code(failure)).contains(ErrorCode.SCHED_FORBIDDEN))
                .withMessageContaining(
                        "host stranger (ip 10.0.0.1, idc \"idc-2\", location \"\"): it belongs to scheduler cluster vpc"
                                + " (expected: a host of home)"));
        assertCoded(ErrorCode.SCHED_FORBIDDEN, () -> announce(stranger, 100, 1));

        var _ = scheduler.start(URL, "of-ours");
        // A seed peer serves where its operator put it.
        var ours = stranger.clone();
        ours.getPeerHostBuilder()
                .setId(seed.hostId().value())
                .setIp("127.0.0.1")
                .setHostname("seed");
        assertThat(scheduler.stub().registerPeerTask(ours.build()).getTaskId()).isNotEmpty();
    }

    @Test
    void refusesHostsOutsideItsScopesBelowAManagerThatTellsOfNoOthers() {
        manager.tells("{\"idc\":\"idc-1\",\"cidrs\":[\"10.2.0.0/16\"]}", List.of(2L, 1L));
        await().untilAsserted(() -> assertCoded(
                ErrorCode.SCHED_FORBIDDEN,
                () -> scheduler
                        .stub()
                        .registerPeerTask(
                                TestScheduler.registration(URL, "outside").build())));

        var inside = TestScheduler.registration(URL, "inside");
        inside.getPeerHostBuilder().setIdc("IDC-1");
        assertThat(scheduler.stub().registerPeerTask(inside.build()).getTaskId())
                .isNotEmpty();

        // It turns out to be the default cluster.
        manager.tells("{\"idc\":\"idc-1\",\"cidrs\":[\"10.2.0.0/16\"]}", List.of(1L, 2L));
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(scheduler
                                .stub()
                                .registerPeerTask(TestScheduler.registration(URL, "outside")
                                        .build())
                                .getTaskId())
                        .isNotEmpty());
    }

    @Test
    void keepsItsBordersWhenTheManagerSaysNoMoreWhereTheyAre() throws Exception {
        manager.tells("{\"idc\":\"idc-1\"}", List.of(2L, 1L));
        var outside = TestScheduler.registration(URL, "outside").build();
        await().untilAsserted(() ->
                assertCoded(ErrorCode.SCHED_FORBIDDEN, () -> scheduler.stub().registerPeerTask(outside)));

        manager.keepSilentOnSchedulers();
        int asked = manager.timesAskedForSchedulers();
        await().until(() -> manager.timesAskedForSchedulers() > asked + 1);

        assertCoded(ErrorCode.SCHED_FORBIDDEN, () -> scheduler.stub().registerPeerTask(outside));
    }

    @Test
    void takesTheRestOfTheAnswerWhenTheManagerDoesNotTellOfApplications() throws Exception {
        scheduler.close();
        manager.keepSilentOnApplications();
        Path fresh = Files.createDirectory(directory.resolve("fresh"));
        scheduler = new TestScheduler(runtime, fresh, Optional.of(manager.address()));
        awaitSeed();
    }

    @Test
    void takesTheRestOfTheAnswerWhenTheManagerDoesNotSayWhereTheBorderIs() throws Exception {
        scheduler.close();
        manager.tells("{\"idc\":\"idc-1\"}", List.of(2L, 1L));
        manager.keepSilentOnSchedulers();
        Path fresh = Files.createDirectory(directory.resolve("fresh"));
        scheduler = new TestScheduler(runtime, fresh, Optional.of(manager.address()));
        awaitSeed();

        var outside = TestScheduler.registration(URL, "outside").build();
        assertThat(scheduler.stub().registerPeerTask(outside).getTaskId()).isNotEmpty();
    }

    /** A fresh scheduler below a manager that lists one more. */
    private FakeSeed startWithAnotherSeed() throws Exception {
        scheduler.close();
        var other = new FakeSeed(runtime, "other");
        manager.close();
        manager = FakeManager.start(runtime, seed.entry(), other.entry());
        Path fresh = Files.createDirectory(directory.resolve("fresh"));
        scheduler = new TestScheduler(runtime, fresh, Optional.of(manager.address()));
        awaitSeed();
        return other;
    }

    private void awaitSeed() {
        await().atMost(Duration.ofSeconds(30)).until(() -> scheduler.server().knowsSeedPeer());
    }

    /** The seed peer has the whole task. */
    private void complete(int length, int pieces) throws Exception {
        var first = scheduler.start(URL, "asks-first");
        var fetch = seed.awaitFetch();
        fetch.answer().onNext(seed.began(SEED_PEER));
        for (int i = 0; i < pieces; i++) {
            fetch.answer().onNext(seed.piece(SEED_PEER, i, length / pieces, pieces, i == pieces - 1));
        }
        fetch.answer().onCompleted();
        assertThat(first.await().getMainPeer().getPeerId()).isEqualTo(SEED_PEER.value());
        var _ = scheduler
                .stub()
                .reportPeerResult(scheduler.result(first, URL, false).build());
        await().until(() -> scheduler
                .stub()
                .statTask(StatTaskRequest.newBuilder().setTaskId(first.task).build())
                .getState()
                .equals("Succeeded"));
    }

    private void announce(String url, String peer, int length, int pieces) {
        announce(TestScheduler.registration(url, peer), length, pieces);
    }

    private void announce(PeerTaskRequest.Builder registration, int length, int pieces) {
        String url = registration.getUrl();
        var packet = PiecePacket.newBuilder()
                .setDstPid(registration.getPeerId())
                .setDstAddr("10.0.0.1:65002")
                .setContentLength(length)
                .setTotalPiece(pieces);
        String task =
                dev.darter.core.TaskId.v1(url, dev.darter.core.UrlMeta.NONE).value();
        packet.setTaskId(task);
        for (int i = 0; i < pieces; i++) {
            packet.addPieceInfos(PieceInfo.newBuilder()
                    .setPieceNum(i)
                    .setRangeStart((long) i * (length / pieces))
                    .setRangeSize(length / pieces));
        }
        var _ = scheduler
                .stub()
                .announceTask(AnnounceTaskRequest.newBuilder()
                        .setTaskId(task)
                        .setUrl(url)
                        .setUrlMeta(UrlMeta.getDefaultInstance())
                        .setPeerHost(registration.getPeerHost())
                        .setPiecePacket(packet)
                        .build());
    }

    private interface Numbered<T> {
        T with(int number) throws Exception;
    }

    private static <T> List<T> atOnce(int number, Numbered<T> call) throws Exception {
        var together = new CountDownLatch(number);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<T>>();
            for (int i = 0; i < number; i++) {
                int mine = i;
                Callable<T> task = () -> {
                    together.countDown();
                    together.await();
                    return call.with(mine);
                };
                running.add(threads.submit(task));
            }
            var results = new ArrayList<T>();
            for (Future<T> future : running) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        }
    }

    private static StatusRuntimeException refusal(int status) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.ABORTED.value())
                .setMessage("source response " + status)
                .addDetails(Any.pack(SourceError.newBuilder()
                        .setMetadata(ExtendAttribute.newBuilder()
                                .setStatusCode(status)
                                .setStatus(status + ""))
                        .build()))
                .build());
    }

    private static void assertCoded(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(RpcErrors.code(failure)).contains(code));
    }
}
