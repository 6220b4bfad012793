package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginFailure;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.BytesBySource;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.SizeScope;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SinglePiece;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads of real daemons, told what to do by a scripted scheduler. */
@Timeout(60)
final class DownloadIT {
    private static final int MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<PeerDaemon> daemons = new ArrayList<>();
    private TestOrigin origin;
    private FakeScheduler scheduler;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        scheduler = FakeScheduler.start(runtime);
    }

    @AfterEach
    void stop() {
        daemons.forEach(PeerDaemon::close);
        scheduler.close();
        origin.close();
        runtime.close();
    }

    @Test
    void readsTheOriginWhenTheSchedulerSaysSo() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB + 11);
        origin.put("/f", content);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");

        Joined joined = get(peer, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources()).isEqualTo(new BytesBySource(0, 0, content.length));
        var result = scheduler.awaitOne(PeerResult.class, _ -> true);
        assertThat(scheduler.story())
                .containsExactly(
                        "PeerTaskRequest", "begin", "piece 0 200", "piece 1 200", "piece 2 200", "end", "PeerResult");
        assertThat(result.getSuccess()).isTrue();
        assertThat(result.getCode()).isEqualTo(Code.Success);
        assertThat(result.getContentLength()).isEqualTo(content.length);
        assertThat(result.getTraffic()).isEqualTo(content.length);
        assertThat(result.getTotalPieceCount()).isEqualTo(3);
        assertThat(result.getIdc()).isEqualTo("idc-1");
        assertThat(scheduler.talks().getFirst().results())
                .allSatisfy(report -> assertThat(report.getDstPid()).isEmpty())
                .extracting(PieceResult::getFinishedCount)
                .containsExactly(0, 1, 2);
    }

    @Test
    void tellsASchedulerOfOursOfManyPiecesInAFewMessages() throws Exception {
        byte[] content = TestOrigin.bytes(40 * MIB);
        origin.put("/f", content);
        scheduler.onRegister(request -> RegisterResult.newBuilder()
                .setTaskId(request.getTaskId())
                .addDarterFeatures(Features.MARK)
                .build());
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");

        Joined joined = get(peer, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        var _ = scheduler.awaitOne(PeerResult.class, _ -> true);
        var talk = scheduler.talks().getFirst();
        assertThat(talk.results().getFirst().getPieceInfo().getPieceNum()).isZero();
        assertThat(talk.results().getFirst().getDarterFinishedCount()).isZero();
        assertThat(talk.results())
                .flatExtracting(report -> Stream.concat(
                                Stream.of(report.getPieceInfo()),
                                report.getDarterFinishedList().stream().flatMap(more -> more.getPiecesList().stream()))
                        .map(PieceInfo::getPieceNum)
                        .toList())
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void fetchesFromTheParentsThatTheSchedulerNames() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        origin.put("/f", content);
        var first = holder("p1", "/f", UrlMeta.NONE);
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(first));
        origin.close();

        Joined joined = get(second, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources()).isEqualTo(new BytesBySource(0, content.length, 0));
        var result = scheduler.awaitOne(
                PeerResult.class, told -> told.getPeerId().equals(joined.peer().value()));
        assertThat(result.getTraffic()).isZero();
        var talk = scheduler.talks().getLast();
        assertThat(talk.results()).hasSize(5).allSatisfy(report -> {
            assertThat(report.getDstPid()).isEqualTo(first.peerId());
            assertThat(report.getSuccess()).isTrue();
            assertThat(report.getBeginTime()).isPositive().isLessThanOrEqualTo(report.getEndTime());
            assertThat(report.getPieceInfo().getPieceMd5()).hasSize(32);
        });
        assertThat(talk.reports().getLast().getFinishedCount()).isEqualTo(5);
        assertThat(talk.isEnded()).isTrue();
    }

    @Test
    void takesTinyContentFromItsRegistration() throws Exception {
        byte[] content = TestOrigin.bytes(100);
        scheduler.onRegister(request -> FakeScheduler.tiny(request, content));
        // Nobody names a parent, and none is needed: a download that waits for one would wait until the test gives up.
        var patient = SchedulerConfig.at(List.of(scheduler.address())).withScheduleTimeout(Duration.ofHours(1));
        var peer = PeerDaemon.start(TestPeer.config("p1", directory, patient).build(), InstantSource.system(), runtime);
        daemons.add(peer);

        Joined joined = get(peer, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        var result = scheduler.awaitOne(PeerResult.class, _ -> true);
        assertThat(result.getTotalPieceCount()).isEqualTo(1);
        assertThat(scheduler.story()).containsExactly("PeerTaskRequest", "begin", "end", "PeerResult");
        assertThat(scheduler.talks().getFirst().reports().getLast().getFinishedCount())
                .isEqualTo(1);
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void needsNobodyForEmptyContent() throws Exception {
        scheduler.onRegister(FakeScheduler::empty);
        var peer = daemon("p1");

        Joined joined = get(peer, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEmpty();
        var result = scheduler.awaitOne(PeerResult.class, _ -> true);
        assertThat(result.getSuccess()).isTrue();
        assertThat(result.getContentLength()).isZero();
        assertThat(scheduler.story()).containsExactly("PeerTaskRequest", "begin", "end", "PeerResult");
    }

    @Test
    void fetchesSmallContentStraightFromTheParentThatTheRegistrationNames() throws Exception {
        byte[] content = TestOrigin.bytes(10_000);
        origin.put("/f", content);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var first = daemon("p1");
        Joined held = get(first, "/f", UrlMeta.NONE);
        var second = daemon("p2");
        scheduler
                .onBegin(_ -> {})
                .onRegister(request -> RegisterResult.newBuilder()
                        .setTaskId(request.getTaskId())
                        .setSizeScope(SizeScope.SMALL)
                        .setSinglePiece(SinglePiece.newBuilder()
                                .setDstPid(held.peer().value())
                                .setDstAddr("127.0.0.1:" + first.uploadPort())
                                .setPieceInfo(CommonMapper.pieceInfo(piece(held, 0))))
                        .build());
        origin.close();

        assertThat(TestPeer.read(get(second, "/f", UrlMeta.NONE))).isEqualTo(content);
    }

    @Test
    void handsOnContentOfUnknownLength() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB + 1234);
        origin.put("/f", content).chunked();
        var first = holder("p1", "/f", UrlMeta.NONE);
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(first));
        origin.close();

        Joined joined = get(second, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        var result = scheduler.awaitOne(
                PeerResult.class, told -> told.getPeerId().equals(joined.peer().value()));
        assertThat(result.getContentLength()).isEqualTo(content.length);
        assertThat(result.getTotalPieceCount()).isEqualTo(3);
    }

    @Test
    void handsOnPiecesWhileItStillFetchesOthers() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        var page = origin.put("/f", content).gateAt(13 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var first = daemon("p1");
        Joined running = first.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var parent = new FakeScheduler.Parent(running.peer().value(), address(first));
        await().atMost(LONG).until(() -> running.content().finishedPieces() == 3);
        scheduler.onBegin(talk -> talk.parents(parent));
        var second = daemon("p2");

        Joined follower = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> follower.content().finishedPieces() == 3);
        assertThat(follower.await(Duration.ZERO)).isFalse();
        page.open();

        assertThat(follower.await(LONG)).isTrue();
        assertThat(TestPeer.read(follower)).isEqualTo(content);
        assertThat(origin.bytesSent()).isEqualTo(content.length);
    }

    /** A scheduler of the field names it like any other; below it too, two of ours exchange blocks, long before a piece is whole. */
    @Test
    void takesBlocksFromADarterParentThatTheSchedulerDoesNotKnowAsSuch() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        var page = origin.put("/f", content).gateAt(3 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var first = daemon("p1");
        Joined running = first.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var parent = new FakeScheduler.Parent(running.peer().value(), address(first));
        await().atMost(LONG).until(() -> running.content().readableBytes() >= 2 * MIB);
        scheduler.onBegin(talk -> talk.parents(parent));
        var second = daemon("p2");

        Joined follower = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);

        // Nobody signs below such a scheduler: blocks wait unread until their piece agrees with its MD5.
        await().atMost(LONG).until(() -> staged(follower) >= 2 * MIB / BlockLength.SMALL);
        assertThat(follower.content().finishedPieces()).isZero();
        page.open();
        assertThat(follower.await(LONG)).isTrue();
        assertThat(TestPeer.read(follower)).isEqualTo(content);
        assertThat(origin.bytesSent()).isEqualTo(content.length);
        var talk = scheduler.talks().getLast();
        await().atMost(LONG).until(() -> talk.results().size() == 5); // the last one may still be on its way
        assertThat(talk.results())
                .allSatisfy(report -> assertThat(report.getDstPid()).isEqualTo(parent.peerId()));
    }

    private static long staged(Joined joined) throws Exception {
        TaskContent content = joined.content();
        return IntStream.range(0, 4 * MIB / BlockLength.SMALL)
                .filter(content::isStaged)
                .count();
    }

    @Test
    void joinsTheDownloadThatRuns() throws Exception {
        byte[] content = TestOrigin.bytes(5 * MIB);
        var page = origin.put("/f", content).gateAt(MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");
        var spec = TaskSpec.of(origin.url("/f"), UrlMeta.NONE);

        List<Joined> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(peer.tasks().join(spec, Wish.DEFAULT));
        }
        page.open();

        for (Joined joined : all) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
        }
        assertThat(origin.requests()).hasSize(1);
        assertThat(scheduler.all(PeerTaskRequest.class)).hasSize(1);
    }

    @Test
    void showsWhatIsHereWithoutAskingAnybody() throws Exception {
        byte[] content = TestOrigin.bytes(3 * MIB);
        origin.put("/f", content);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");
        var _ = get(peer, "/f", UrlMeta.NONE);
        scheduler.awaitOne(PeerResult.class, _ -> true);
        origin.close();

        Joined again = get(peer, "/f", UrlMeta.NONE);

        assertThat(again.isLocal()).isTrue();
        assertThat(again.sources()).isEqualTo(new BytesBySource(content.length, 0, 0));
        assertThat(TestPeer.read(again)).isEqualTo(content);
        assertThat(scheduler.all(PeerTaskRequest.class)).hasSize(1);
    }

    @Test
    void cutsARangeFromContentThatIsHere() throws Exception {
        byte[] content = TestOrigin.bytes(6 * MIB);
        origin.put("/f", content);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");
        Joined whole = get(peer, "/f", UrlMeta.NONE);

        Joined cut = get(peer, "/f", UrlMeta.NONE.withRange("1000-5000000"));
        Joined open = get(peer, "/f", UrlMeta.NONE.withRange("6291000-"));

        assertThat(cut.task()).isEqualTo(whole.task());
        assertThat(TestPeer.read(cut)).isEqualTo(Arrays.copyOfRange(content, 1000, 5_000_001));
        assertThat(TestPeer.read(open)).isEqualTo(Arrays.copyOfRange(content, 6_291_000, content.length));
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void downloadsARangeAsATaskOfItsOwn() throws Exception {
        byte[] content = TestOrigin.bytes(6 * MIB);
        origin.put("/f", content);
        var first = holder("p1", "/f", UrlMeta.NONE.withRange("1000-5000000"));
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(first));

        Joined joined = get(second, "/f", UrlMeta.NONE.withRange("1000-5000000"));

        assertThat(joined.task()).isEqualTo(TaskId.v1(origin.url("/f"), UrlMeta.NONE.withRange("1000-5000000")));
        assertThat(TestPeer.read(joined)).isEqualTo(Arrays.copyOfRange(content, 1000, 5_000_001));
        assertThat(origin.requests()).containsExactly("/f bytes=1000-5000000");
    }

    @Test
    void takesUpABrokenOriginWhereItBroke() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content).cutAfter(5 * MIB, 1);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);

        Joined joined = get(daemon("p1"), "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(origin.requests()).hasSize(2).last().asString().startsWith("/f bytes=");
        assertThat(origin.bytesSent()).isLessThan(11L * MIB);
    }

    @Test
    void saysHowMuchATruncatedOriginGave() throws Exception {
        origin.put("/f", TestOrigin.bytes(5 * MIB)).withoutRanges().cutAfter(1000, 100);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");

        assertFails(peer, "/f", UrlMeta.NONE)
                .hasMessageContaining("1000")
                .hasMessageContaining(Integer.toString(5 * MIB));
        assertThat(scheduler.awaitOne(PeerResult.class, _ -> true).getCode()).isEqualTo(Code.ClientBackSourceError);
    }

    @Test
    void passesOnThatTheOriginRefuses() throws Exception {
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");

        assertFails(peer, "/missing", UrlMeta.NONE).hasMessageContaining("404 Not Found");

        scheduler.awaitOne(PeerTarget.class, _ -> true);
        assertThat(scheduler.story()).containsExactly("PeerTaskRequest", "begin", "end", "PeerResult", "PeerTarget");
        var result = scheduler.all(PeerResult.class).getFirst();
        assertThat(result.getSuccess()).isFalse();
        assertThat(result.getCode()).isEqualTo(Code.ClientBackSourceError);
        assertThat(result.getContentLength()).isEqualTo(-1);
        assertThat(result.getTotalPieceCount()).isEqualTo(-1);
        assertThat(result.getSourceError().getMetadata().getStatusCode()).isEqualTo(404);
        assertThat(result.getSourceError().getTemporary()).isFalse();
        assertThat(peer.tasks().find(TaskId.v1(origin.url("/missing"), UrlMeta.NONE)))
                .isEmpty();
    }

    @Test
    void leavesToOthersWhatItCannotReadWhereTheyMay() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);
        var first = holder("p1", "/f", UrlMeta.NONE);
        origin.put("/f", content).status(503);
        scheduler.onBegin(talk -> {
            if (scheduler.talks().size() == 2) {
                talk.backToSourceIfItCan();
            } else {
                talk.parents(first);
            }
        });

        Joined joined = get(daemon("p2"), "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources()).isEqualTo(new BytesBySource(0, content.length, 0));
        assertThat(origin.requests()).hasSize(2); // what came to nothing is not tried twice
        await().atMost(LONG).until(() -> resultsOf(joined).size() == 2);
        assertThat(resultsOf(joined)).extracting(PeerResult::getSuccess).containsExactly(false, true);
        assertThat(resultsOf(joined).getFirst().getSourceError().getMetadata().getStatusCode())
                .isEqualTo(503);
    }

    @Test
    void leavesToOthersWhatItMayNotReadWhereTheyMay() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);
        var first = holder("p1", "/f", UrlMeta.NONE);
        var strict = new SchedulerConfig(
                SchedulerConfig.Manager.DISABLED, List.of(scheduler.address()), Duration.ofSeconds(20), true);
        var peer = PeerDaemon.start(TestPeer.config("p2", directory, strict).build(), InstantSource.system(), runtime);
        daemons.add(peer);
        scheduler.onBegin(talk -> {
            if (scheduler.talks().size() == 2) {
                talk.backToSourceIfItCan();
            } else {
                talk.parents(first);
            }
        });

        Joined joined = get(peer, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(origin.requests()).hasSize(1);
        await().atMost(LONG).until(() -> resultsOf(joined).size() == 2);
        assertThat(resultsOf(joined).getFirst().hasSourceError()).isFalse();
    }

    @Test
    void theOriginsLastWordIsFinalWithAWayBackToo() throws Exception {
        origin.put("/f", TestOrigin.bytes(5 * MIB)).status(404);
        scheduler.onBegin(FakeScheduler.Talk::backToSourceIfItCan);

        assertFails(daemon("p1"), "/f", UrlMeta.NONE).hasMessageContaining("404");

        scheduler.awaitOne(PeerTarget.class, _ -> true);
        assertThat(scheduler.all(PeerTaskRequest.class)).hasSize(1);
    }

    private List<PeerResult> resultsOf(Joined joined) {
        return scheduler.all(PeerResult.class).stream()
                .filter(told -> told.getPeerId().equals(joined.peer().value()))
                .toList();
    }

    @Test
    void failsWithTheAnswerThatTheOriginGaveToAnother() throws Exception {
        scheduler.onBegin(talk -> talk.send(PeerPacket.newBuilder()
                .setCode(Code.BackToSourceAborted)
                .setSourceError(RpcErrors.sourceError(new OriginFailure(false, 404, "404 Not Found", Map.of())))
                .build()));
        var peer = daemon("p1");

        assertFails(peer, "/missing", UrlMeta.NONE).hasMessageContaining("404 Not Found");

        var result = scheduler.awaitOne(PeerResult.class, _ -> true);
        assertThat(result.getCode()).isEqualTo(Code.UnknownError);
        assertThat(result.getSourceError().getMetadata().getStatus()).isEqualTo("404 Not Found");
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void keepsNothingThatHasAnotherDigest() throws Exception {
        byte[] content = TestOrigin.bytes(5 * MIB);
        origin.put("/f", content);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var peer = daemon("p1");
        var wrong = UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64));

        assertFails(peer, "/f", wrong)
                .hasMessageContaining(TestOrigin.sha256(content))
                .hasMessageContaining("0".repeat(64));
        scheduler.awaitOne(PeerTarget.class, _ -> true);
        assertThat(scheduler.all(PeerResult.class).getFirst().getCode()).isEqualTo(Code.ClientError);
        assertThat(peer.tasks().find(TaskId.v1(origin.url("/f"), wrong))).isEmpty();

        Joined right = get(peer, "/f", UrlMeta.NONE.withDigest(TestOrigin.sha256(content)));
        assertThat(TestPeer.read(right)).isEqualTo(content);
    }

    @Test
    void checksTheDigestOfWhatParentsGave() throws Exception {
        byte[] content = TestOrigin.bytes(5 * MIB);
        origin.put("/f", content);
        var right = UrlMeta.NONE.withDigest(TestOrigin.sha256(content));
        var first = holder("p1", "/f", right);
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(first));
        assertThat(TestPeer.read(get(second, "/f", right))).isEqualTo(content);

        // The parent's task is offered for a request that expects something else: only a liar would do so.
        var third = daemon("p3");
        var wrong = UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64));
        var task = TaskId.v1(origin.url("/f"), right);
        Joined lied = third.tasks().join(TaskSpec.of(task, origin.url("/f"), wrong), Wish.DEFAULT);
        assertThatThrownBy(() -> lied.await(LONG)).hasMessageContaining("0".repeat(64));
        assertThat(third.tasks().find(task)).isEmpty();
    }

    // ---- what goes wrong on the way

    @Test
    void goesToTheOriginWhenNoSchedulerAnswers() throws Exception {
        byte[] content = TestOrigin.bytes(5 * MIB);
        origin.put("/f", content);
        scheduler.close();

        Joined joined = get(daemon("p1"), "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources().origin()).isEqualTo(content.length);
    }

    @Test
    void doesNotGoToTheOriginOfItsOwnAccordWhenItMayNot() throws Exception {
        origin.put("/f", TestOrigin.bytes(5 * MIB));
        scheduler.close();
        var strict = new SchedulerConfig(
                SchedulerConfig.Manager.DISABLED, List.of(scheduler.address()), Duration.ofSeconds(2), true);
        var peer = PeerDaemon.start(TestPeer.config("p1", directory, strict).build(), InstantSource.system(), runtime);
        daemons.add(peer);

        assertFails(peer, "/f", UrlMeta.NONE).hasMessageContaining("scheduler");
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void registersAgainWhenTheSchedulerHasForgottenIt() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);
        var first = holder("p1", "/f", UrlMeta.NONE);
        var second = daemon("p2");
        scheduler.onBegin(talk -> {
            if (scheduler.talks().size() == 2) {
                talk.fail(new CodedException(ErrorCode.SCHED_REREGISTER, "peer not found"));
            } else {
                talk.parents(first);
            }
        });

        Joined joined = get(second, "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        scheduler.awaitOne(
                PeerResult.class, told -> told.getPeerId().equals(joined.peer().value()));
        assertThat(scheduler.all(PeerTaskRequest.class))
                .hasSize(3)
                .last()
                .extracting(PeerTaskRequest::getPeerId)
                .isEqualTo(joined.peer().value());
    }

    @Test
    void goesOnWithItsParentsWhileTheSchedulerRestarts() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        var page = origin.put("/f", content).gateAt(10 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var seed = daemon("p1");
        Joined running = seed.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var parent = new FakeScheduler.Parent(running.peer().value(), address(seed));
        await().atMost(LONG).until(() -> running.content().readableBytes() > 0);
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(parent));
        Joined follower = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> follower.content().finishedPieces() >= 2);

        scheduler.close();
        page.open();
        assertThat(follower.await(LONG)).isTrue();

        assertThat(TestPeer.read(follower)).isEqualTo(content);
        assertThat(origin.bytesSent()).isEqualTo(content.length);
    }

    @Test
    void tellsARestartedSchedulerWhatItHasAlready() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        var page = origin.put("/f", content).gateAt(10 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var seed = daemon("p1");
        Joined running = seed.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var parent = new FakeScheduler.Parent(running.peer().value(), address(seed));
        await().atMost(LONG).until(() -> running.content().readableBytes() > 0);
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(parent));
        Joined follower = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> follower.content().finishedPieces() >= 2);

        scheduler.close();
        scheduler = FakeScheduler.restart(runtime, scheduler.address());
        scheduler.awaitOne(
                PeerTaskRequest.class,
                told -> told.getPeerId().equals(follower.peer().value()));
        page.open();
        assertThat(follower.await(LONG)).isTrue();

        var result = scheduler.awaitOne(
                PeerResult.class,
                told -> told.getPeerId().equals(follower.peer().value()));
        assertThat(result.getSuccess()).isTrue();
        var talk = scheduler.talks().stream()
                .filter(stream -> stream.peer().equals(follower.peer().value()))
                .findFirst()
                .orElseThrow();
        assertThat(talk.results())
                .extracting(report -> report.getPieceInfo().getPieceNum())
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void leavesParentsThatCannotBeReached() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);
        var good = holder("p1", "/f", UrlMeta.NONE);
        var dead = new FakeScheduler.Parent("dead-parent", new NetAddress("127.0.0.1", closedPort()));
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(dead));

        Joined joined = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var talk = scheduler.awaitTalk(1);
        await().atMost(LONG).until(() -> talk.results().size() == 1);
        talk.parents(dead, good);

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(talk.results().getFirst().getDstPid()).isEqualTo("dead-parent");
        assertThat(talk.results().getFirst().getCode()).isEqualTo(Code.ClientConnectionError);
    }

    @Test
    void asksForOthersWhenItsOnlyParentFails() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);
        var good = holder("p1", "/f", UrlMeta.NONE);
        var other = daemon("p3");
        var knowsNothing = new FakeScheduler.Parent("p3-peer", address(other));
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.parents(knowsNothing));

        Joined joined = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var talk = scheduler.awaitTalk(1);
        await().atMost(LONG).until(() -> talk.results().size() == 1);
        assertThat(talk.results().getFirst().getCode()).isEqualTo(Code.PeerTaskNotFound);
        talk.parents(good);

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
    }

    @Test
    void failsWhenTheSchedulerSaysThatNothingHelps() throws Exception {
        origin.put("/f", TestOrigin.bytes(MIB));
        scheduler.onBegin(talk -> talk.code(ErrorCode.SCHED_TASK_STATUS_ERROR));
        var peer = daemon("p1");

        assertFails(peer, "/f", UrlMeta.NONE)
                .satisfies(failure ->
                        assertThat(((CodedException) failure).code()).isEqualTo(ErrorCode.SCHED_TASK_STATUS_ERROR));
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void helpsItselfWhenNoParentComesInTime() throws Exception {
        byte[] content = TestOrigin.bytes(MIB);
        origin.put("/f", content);
        var peer = PeerDaemon.start(
                TestPeer.config(
                                "p1",
                                directory,
                                SchedulerConfig.at(List.of(scheduler.address()))
                                        .withScheduleTimeout(Duration.ofSeconds(1)))
                        .build(),
                InstantSource.system(),
                runtime);
        daemons.add(peer);

        assertThat(TestPeer.read(get(peer, "/f", UrlMeta.NONE))).isEqualTo(content);
    }

    @Test
    void blamesAParentThatStopsToTalk() throws Exception {
        origin.put("/f", TestOrigin.bytes(MIB));
        var second = daemon("p2");
        try (var mute = new MuteParent(runtime)) {
            scheduler.onBegin(talk -> talk.parents(new FakeScheduler.Parent("mute", mute.address())));
            var _ = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(scheduler.awaitTalk(0).results())
                            .anySatisfy(report -> {
                                assertThat(report.getDstPid()).isEqualTo("mute");
                                assertThat(report.getCode()).isEqualTo(Code.ClientPieceRequestFail);
                            }));
            assertThat(mute.requests()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void beginsAnewWhenTheOriginChangedSinceItWasInterrupted() throws Exception {
        byte[] old = TestOrigin.bytes(12 * MIB);
        byte[] fresh = TestOrigin.bytes(13 * MIB);
        var page = origin.put("/f", old).gateAt(9 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var before = daemon("p1", also -> also.keepStorage(true));
        Joined interrupted = before.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> interrupted.content().finishedPieces() == 2);
        before.close();
        page.open();
        page.change(fresh);

        Joined joined = get(daemon("p1", also -> also.keepStorage(true)), "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(fresh);
    }

    @Test
    void goesOnWithWhatAnEarlierProcessLeft() throws Exception {
        byte[] content = TestOrigin.bytes(20 * MIB);
        var page = origin.put("/f", content).gateAt(17 * MIB);
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var before = daemon("p1", also -> also.keepStorage(true));
        Joined interrupted = before.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> interrupted.content().finishedPieces() == 4);
        before.close();
        page.open();

        Joined joined = get(daemon("p1", also -> also.keepStorage(true)), "/f", UrlMeta.NONE);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources().local()).isGreaterThanOrEqualTo(16L * MIB);
        assertThat(joined.sources().origin()).isLessThanOrEqualTo(4L * MIB);
    }

    // ---- what tests need

    private PeerDaemon daemon(String name) throws IOException {
        return daemon(name, also -> also);
    }

    private PeerDaemon daemon(String name, UnaryOperator<PeerConfig.Builder> also) throws IOException {
        var daemon = TestPeer.start(name, directory, scheduler.address(), runtime, also);
        daemons.add(daemon);
        return daemon;
    }

    /** A daemon that holds a page, as its scheduler would name it. */
    private FakeScheduler.Parent holder(String name, String path, UrlMeta meta) throws Exception {
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        var daemon = daemon(name);
        Joined joined = get(daemon, path, meta);
        scheduler.awaitOne(
                PeerResult.class, told -> told.getPeerId().equals(joined.peer().value()));
        return new FakeScheduler.Parent(joined.peer().value(), address(daemon));
    }

    private static NetAddress address(PeerDaemon daemon) {
        return new NetAddress("127.0.0.1", daemon.rpcPort());
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Piece piece(Joined joined, int number) {
        try {
            return joined.content().pieces(number, 1).getFirst();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private AbstractThrowableAssert<?, ?> assertFails(PeerDaemon daemon, String path, UrlMeta meta) {
        Joined joined = daemon.tasks().join(TaskSpec.of(origin.url(path), meta), Wish.DEFAULT);
        return assertThatThrownBy(() -> joined.await(LONG)).isInstanceOf(CodedException.class);
    }

    private Joined get(PeerDaemon daemon, String path, UrlMeta meta) throws InterruptedException {
        Joined joined = daemon.tasks().join(TaskSpec.of(origin.url(path), meta), Wish.DEFAULT);
        assertThat(joined.await(LONG)).isTrue();
        return joined;
    }
}
