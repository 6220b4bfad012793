package dev.darter.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.OriginException;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.cdnsystem.v1.PieceSeed;
import dev.darter.proto.cdnsystem.v1.SeedRequest;
import dev.darter.proto.cdnsystem.v1.SeederGrpc;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.client.PieceStream;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What schedulers and children get from a daemon, message by message. */
@Timeout(60)
final class PieceServiceIT {
    private static final int MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private TestOrigin origin;
    private FakeScheduler scheduler;
    private PeerDaemon peer;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        scheduler = FakeScheduler.start(runtime).onBegin(FakeScheduler.Talk::backToSource);
        peer = TestPeer.start("p1", directory, scheduler.address(), runtime, also -> also);
        channel = Channels.tcp(runtime, "127.0.0.1", peer.rpcPort());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        peer.close();
        scheduler.close();
        origin.close();
        runtime.close();
    }

    // ---- seeding

    @Test
    void tellsTheSchedulerOfEveryPieceInOrder() {
        byte[] content = TestOrigin.bytes(9 * MIB);
        origin.put("/f", content);

        List<PieceSeed> seeds = obtain("/f", UrlMeta.NONE);

        assertThat(seeds).hasSize(4);
        assertThat(seeds.getFirst().getPieceInfo())
                .isEqualTo(PieceInfo.newBuilder().setPieceNum(-1).build());
        assertThat(seeds.getFirst().getPeerId()).endsWith("_Seed");
        assertThat(seeds.getFirst().getContentLength()).isZero();
        assertThat(seeds.getFirst().getBeginTime()).isZero();
        assertThat(seeds)
                .allSatisfy(seed -> {
                    assertThat(seed.getHostId())
                            .isEqualTo(HostId.of("127.0.0.1", "p1").value());
                    assertThat(seed.getPeerId()).isEqualTo(seeds.getFirst().getPeerId());
                    assertThat(seed.getReuse()).isFalse();
                })
                .extracting(seed -> seed.getPieceInfo().getPieceNum())
                .containsExactly(-1, 0, 1, 2);
        assertThat(seeds.subList(1, 4)).allSatisfy(seed -> {
            assertThat(seed.getContentLength()).isEqualTo(content.length);
            assertThat(seed.getTotalPieceCount()).isEqualTo(3);
            assertThat(seed.getPieceInfo().getPieceMd5()).hasSize(32);
            assertThat(seed.getBeginTime()).isPositive().isLessThanOrEqualTo(seed.getEndTime());
        });
        assertThat(seeds).extracting(PieceSeed::getDone).containsExactly(false, false, false, true);
        assertThat(scheduler.all(PeerTaskRequest.class)).isEmpty();
    }

    @Test
    void marksTheLastPieceOfContentWhoseLengthNobodyKnew() {
        var page = origin.put("/f", TestOrigin.bytes(10 * MIB)).chunked().gateAt(9 * MIB);

        List<PieceSeed> seeds = new ArrayList<>();
        obtain(TaskId.v1(origin.url("/f"), UrlMeta.NONE), "/f", UrlMeta.NONE, seed -> {
            seeds.add(seed);
            if (seed.getContentLength() == -1) {
                page.open();
            }
        });

        assertThat(seeds).extracting(seed -> seed.getPieceInfo().getPieceNum()).containsExactly(-1, 0, 1, 2);
        assertThat(seeds).extracting(PieceSeed::getDone).containsExactly(false, false, false, true);
        assertThat(seeds.get(1).getTotalPieceCount()).isEqualTo(-1);
        assertThat(seeds.get(1).getContentLength()).isEqualTo(-1);
        assertThat(seeds.getLast().getContentLength()).isEqualTo(10 * MIB);
        assertThat(seeds.getLast().getTotalPieceCount()).isEqualTo(3);
    }

    @Test
    void endsEmptyContentWithoutAPiece() {
        origin.put("/f", new byte[0]);

        List<PieceSeed> seeds = obtain("/f", UrlMeta.NONE);

        assertThat(seeds).hasSize(2);
        assertThat(seeds.getLast().getDone()).isTrue();
        assertThat(seeds.getLast().hasPieceInfo()).isFalse();
        assertThat(seeds.getLast().getContentLength()).isZero();
    }

    @Test
    void saysThatContentWasHereAlready() {
        origin.put("/f", TestOrigin.bytes(5 * MIB));
        var first = obtain("/f", UrlMeta.NONE);

        var again = obtain("/f", UrlMeta.NONE);

        assertThat(again).extracting(PieceSeed::getReuse).containsExactly(false, true, true);
        assertThat(again.getFirst().getPeerId()).isEqualTo(first.getFirst().getPeerId());
        assertThat(again.getLast().getDone()).isTrue();
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void passesTheOriginsRefusalOn() {
        assertThatThrownBy(() -> obtain("/missing", UrlMeta.NONE)).satisfies(failure -> {
            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.ABORTED);
            var origins = (OriginException) RpcErrors.fromStatus((StatusRuntimeException) failure);
            assertThat(origins.failure().statusCode()).isEqualTo(404);
            assertThat(origins.failure().status()).isEqualTo("404 Not Found");
            assertThat(origins.failure().temporary()).isFalse();
        });
        scheduler.awaitOne(PeerTarget.class, left -> left.getPeerId().endsWith("_Seed"));
    }

    @Test
    void failsASeedWithTheWrongDigest() {
        origin.put("/f", TestOrigin.bytes(5 * MIB));
        var wrong = UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64));

        assertThatThrownBy(() -> obtain("/f", wrong)).satisfies(failure -> {
            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(failure).hasMessageContaining("seed task failed: peer task failed: 4000/");
        });
    }

    @Test
    void seedsUnderTheIdThatPeersComputeFromAnOpenRange() {
        byte[] content = TestOrigin.bytes(5 * MIB);
        origin.put("/f", content);
        TaskId open = TaskId.v1(origin.url("/f"), UrlMeta.NONE.withRange("100-"));

        var _ = obtain(open, "/f", UrlMeta.NONE.withRange("100-9223372036854775806"));

        assertThat(peer.tasks().find(open))
                .hasValueSatisfying(held -> assertThat(held.length()).hasValue(content.length - 100));
    }

    @Test
    void doesNotTakeAnotherIdThanTheUrlHas() {
        origin.put("/f", TestOrigin.bytes(1000));
        var forged = new TaskId("0".repeat(64));

        var _ = obtain(forged, "/f", UrlMeta.NONE);

        assertThat(peer.tasks().find(forged)).isEmpty();
        assertThat(peer.tasks().find(TaskId.v1(origin.url("/f"), UrlMeta.NONE))).isPresent();
    }

    @Test
    void sendsARunningDownloadToTheOrigin() throws Exception {
        origin.put("/f", TestOrigin.bytes(5 * MIB));
        scheduler.onBegin(_ -> {}); // nobody to fetch from: this host is the seed
        Joined waiting = peer.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        var _ = scheduler.awaitTalk(0);

        assertThat(obtain("/f", UrlMeta.NONE).getLast().getDone()).isTrue();
        assertThat(waiting.await(LONG)).isTrue();
    }

    // ---- announcing pieces to children

    @Test
    void announcesPiecesInFullPacketsAndAnswersFurtherQuestions() throws Exception {
        TaskId task = hold("/f", 21 * MIB);
        try (var parent = DaemonClient.tcp(runtime, "127.0.0.1", peer.rpcPort());
                var stream = parent.pieces(task, new PeerId("child"), "whoever")) {
            stream.ask(1, 2);
            var first = pieces(stream);
            var second = pieces(stream);
            var third = pieces(stream);

            assertThat(numbers(first)).containsExactly(1, 2);
            assertThat(numbers(second)).containsExactly(3, 4);
            assertThat(numbers(third)).containsExactly(5);
            assertThat(first.address()).isEqualTo("127.0.0.1:" + peer.uploadPort());
            assertThat(first.totalPieces()).isEqualTo(6);
            assertThat(first.contentLength()).isEqualTo(21 * MIB);
            assertThat(first.pieceMd5Sign()).hasSize(64);
            assertThat(first.header()).containsKey("Etag");
            assertThat(second.header()).isEmpty();

            stream.ask(0, 1);
            assertThat(numbers(pieces(stream))).containsExactly(0);
        }
    }

    @Test
    void announcesPiecesAsTheyComeAndTheLastOneWhenAllIsVerified() throws Exception {
        var page = origin.put("/f", TestOrigin.bytes(9 * MIB)).gateAt(5 * MIB);
        Joined running = peer.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> running.content().finishedPieces() == 1);
        try (var parent = DaemonClient.tcp(runtime, "127.0.0.1", peer.rpcPort());
                var stream = parent.pieces(
                        running.task(), new PeerId("child"), running.peer().value())) {
            stream.ask(0, 16);
            var first = pieces(stream);
            assertThat(numbers(first)).containsExactly(0);
            assertThat(first.pieceMd5Sign()).isEmpty();
            assertThat(first.totalPieces()).isEqualTo(3);
            page.open();

            List<Integer> rest = new ArrayList<>();
            PieceStream.News.Pieces last = first;
            while (rest.size() < 2) {
                last = pieces(stream);
                rest.addAll(numbers(last));
            }
            assertThat(rest).containsExactly(1, 2);
            assertThat(last.pieceMd5Sign()).hasSize(64);
        }
    }

    @Test
    void tellsChildrenWhyThereIsNothingMore() throws Exception {
        try (var parent = DaemonClient.tcp(runtime, "127.0.0.1", peer.rpcPort())) {
            try (var stream = parent.pieces(new TaskId("0".repeat(64)), new PeerId("child"), "nobody")) {
                stream.ask(0, 16);
                assertThat(failure(stream))
                        .isInstanceOfSatisfying(
                                CodedException.class,
                                coded -> assertThat(coded.code()).isEqualTo(ErrorCode.PEER_TASK_NOT_FOUND));
            }
            var page =
                    origin.put("/f", TestOrigin.bytes(5 * MIB)).withoutRanges().gateAt(MIB);
            Joined running = peer.tasks()
                    .join(
                            TaskSpec.of(origin.url("/f"), UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64))),
                            Wish.DEFAULT);
            await().atMost(LONG).until(() -> peer.tasks().find(running.task()).isPresent());
            try (var stream = parent.pieces(running.task(), new PeerId("child"), "nobody")) {
                stream.ask(0, 16);
                assertThat(numbers(pieces(stream))).isEmpty();
                page.open();
                assertThat(failure(stream))
                        .satisfies(failed -> assertThat(
                                        Status.fromThrowable(failed).getCode())
                                .isEqualTo(Status.Code.INTERNAL));
            }
        }
    }

    @Test
    void sendsNobodyToHimself() throws Exception {
        origin.put("/f", TestOrigin.bytes(5 * MIB)).gateAt(MIB);
        Joined running = peer.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> peer.tasks().find(running.task()).isPresent());
        try (var parent = DaemonClient.tcp(runtime, "127.0.0.1", peer.rpcPort());
                var stream = parent.pieces(
                        running.task(), running.peer(), running.peer().value())) {
            stream.ask(0, 16);
            assertThat(failure(stream)).isInstanceOf(CodedException.class).hasMessageContaining("not found");
        }
    }

    @Test
    void answersSingleQuestionsAboutPieces() throws Exception {
        TaskId task = hold("/f", 9 * MIB);
        var request = PieceTaskRequest.newBuilder()
                .setTaskId(task.value())
                .setSrcPid("child")
                .setDstPid("whoever");
        var stub = DaemonGrpc.newBlockingStub(channel);

        PiecePacket two = stub.getPieceTasks(request.setStartNum(1).setLimit(2).build());
        PiecePacket none = stub.getPieceTasks(request.setStartNum(0).setLimit(0).build());

        assertThat(two.getPieceInfosList()).extracting(PieceInfo::getPieceNum).containsExactly(1, 2);
        assertThat(none.getPieceInfosList()).isEmpty();
        assertThat(none.getTotalPiece()).isEqualTo(3);
        assertThat(none.getPieceMd5Sign()).isEqualTo(two.getPieceMd5Sign()).hasSize(64);
        assertThat(two)
                .isEqualTo(SeederGrpc.newBlockingStub(channel)
                        .getPieceTasks(request.setStartNum(1).setLimit(2).build()));
    }

    /** Whoever waits two seconds for a head in vain leaves the parent; so it has it before the body's turn comes. */
    @Test
    void promisesManyPiecesAtOnceAndSendsThemInTurn() throws Exception {
        byte[] content = TestOrigin.bytes(32 * MIB);
        origin.put("/f", content);
        List<PieceSeed> seeds = obtain("/f", UrlMeta.NONE);
        var task = TaskSpec.of(origin.url("/f"), UrlMeta.NONE).id();
        var children = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 8; i++) {
                var child = new Socket();
                children.add(child);
                child.setReceiveBufferSize(64 << 10); // so that a body cannot end unread
                child.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.uploadPort()));
                child.getOutputStream()
                        .write(("GET /download/" + task.prefix() + "/" + task + "?peerId="
                                        + seeds.getFirst().getPeerId() + " HTTP/1.1\r\nHost: p\r\nRange: bytes="
                                        + i * 4 * MIB + "-" + ((i + 1) * 4 * MIB - 1) + "\r\n\r\n")
                                .getBytes(US_ASCII));
            }
            for (Socket child : children) {
                assertThat(head(child)).startsWith("HTTP/1.1 200 OK").contains("content-length: " + 4 * MIB);
            }
            // In the order in which they began: nobody's body ends before it is read.
            for (int i = 0; i < 8; i++) {
                assertThat(children.get(i).getInputStream().readNBytes(4 * MIB))
                        .isEqualTo(Arrays.copyOfRange(content, i * 4 * MIB, (i + 1) * 4 * MIB));
            }
        } finally {
            for (Socket child : children) {
                child.close();
            }
        }
    }

    private static String head(Socket socket) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        return head.toString().toLowerCase(Locale.ROOT).replace("http/1.1 200 ok", "HTTP/1.1 200 OK");
    }

    @Test
    void downloadsToFilesForNobodyElseThanLocalTools() {
        assertThatThrownBy(() -> DaemonGrpc.newBlockingStub(channel)
                        .download(DownRequest.newBuilder()
                                .setUrl(origin.url("/f"))
                                .setOutput("/tmp/never-written")
                                .setUrlMeta(CommonMapper.urlMeta(UrlMeta.NONE))
                                .build())
                        .next())
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
        assertThat(origin.requests()).isEmpty();
    }

    private TaskId hold(String path, int size) throws InterruptedException {
        origin.put(path, TestOrigin.bytes(size));
        Joined joined = peer.tasks().join(TaskSpec.of(origin.url(path), UrlMeta.NONE), Wish.DEFAULT);
        assertThat(joined.await(LONG)).isTrue();
        return joined.task();
    }

    private List<PieceSeed> obtain(String path, UrlMeta meta) {
        return obtain(TaskId.v1(origin.url(path), meta), path, meta);
    }

    private List<PieceSeed> obtain(TaskId task, String path, UrlMeta meta) {
        var seeds = new ArrayList<PieceSeed>();
        obtain(task, path, meta, seeds::add);
        return seeds;
    }

    private void obtain(TaskId task, String path, UrlMeta meta, Consumer<PieceSeed> listener) {
        SeederGrpc.newBlockingStub(channel)
                .obtainSeeds(SeedRequest.newBuilder()
                        .setTaskId(task.value())
                        .setUrl(origin.url(path))
                        .setUrlMeta(CommonMapper.urlMeta(meta))
                        .build())
                .forEachRemaining(listener);
    }

    private static PieceStream.News.Pieces pieces(PieceStream stream) throws InterruptedException {
        return (PieceStream.News.Pieces) stream.take(LONG).orElseThrow();
    }

    private static RuntimeException failure(PieceStream stream) throws InterruptedException {
        while (true) {
            if (stream.take(LONG).orElseThrow() instanceof PieceStream.News.Ended ended) {
                return ended.failure().orElseThrow();
            }
        }
    }

    private static List<Integer> numbers(PieceStream.News.Pieces news) {
        return news.pieces().stream().map(piece -> piece.number()).toList();
    }
}
