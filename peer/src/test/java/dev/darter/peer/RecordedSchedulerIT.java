package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.darter.core.CodedException;
import dev.darter.core.UrlMeta;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.scheduler.v1.PeerHost;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.rpc.RpcRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A scheduler and parents say what those of v2.1.28 said ({@link RecordedWorld}); a daemon of ours has to tell them what v2.1.28's daemon
 * told them, field by field. Times, costs and the order of pieces are nobody's rule; of several parents either may give a piece.
 */
@Timeout(60)
final class RecordedSchedulerIT {
    private static final int BEGIN = -1;
    private static final int END = 1 << 30;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<AutoCloseable> open = new ArrayList<>();
    private TestOrigin origin;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        origin = TestOrigin.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        origin.close();
        runtime.close();
    }

    @Test
    void aColdFileFromTheSeedPeer() throws Exception {
        replay("02-cold-20MiB.jsonl", "p1");
    }

    @Test
    void aFileFromTwoParents() throws Exception {
        replay("03-second-peer.jsonl", "p2");
    }

    @Test
    void tinyContentFromTheSeedPeerThenInTheRegistration() throws Exception {
        replay("04-tiny-p1.jsonl", "p1");
        replay("04-tiny-p2.jsonl", "p2");
    }

    @Test
    void smallContent() throws Exception {
        replay("04-small-p1.jsonl", "p1");
        replay("04-small-p2.jsonl", "p2");
    }

    @Test
    void emptyContent() throws Exception {
        replay("04-empty-p1.jsonl", "p1");
        replay("04-empty-p2.jsonl", "p2");
    }

    @Test
    void contentOfUnknownLength() throws Exception {
        replay("04-chunked-p1.jsonl", "p1");
        replay("04-chunked-p2.jsonl", "p2");
        replay("04-chunked-small-p1.jsonl", "p1");
    }

    @Test
    void ranges() throws Exception {
        replay("04-range-p1.jsonl", "p1");
        replay("04-range-p2.jsonl", "p2");
    }

    @Test
    void tagApplicationFilterAndHeaders() throws Exception {
        replay("04-tag-app-filter.jsonl", "p1");
        replay("04-headers.jsonl", "p1");
    }

    @Test
    void aPreheatedFile() throws Exception {
        replay("06-after-preheat.jsonl", "p2");
    }

    @Test
    void thePeerThatReadsTheOrigin() throws Exception {
        var world = world("15-no-seed.jsonl", "p1");
        origin.put("/f", world.content());
        var peer = daemon("p1", world);

        Joined joined = join(peer, origin.url("/f"), UrlMeta.NONE);

        assertThat(joined.await(Duration.ofSeconds(30))).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(world.content());
        compare(world);
        assertThat(world.pieceRequests()).isEmpty();
    }

    @Test
    void whatTheOriginDoesNotHaveAsThePeerThatReadsItFindsOut() throws Exception {
        var world = world("15-no-seed-404.jsonl", "p1");
        var peer = daemon("p1", world);

        Joined joined = join(peer, origin.url("/none"), UrlMeta.NONE);

        assertThatThrownBy(() -> joined.await(Duration.ofSeconds(30))).isInstanceOf(CodedException.class);
        compare(world);
        leaves(world);
    }

    @Test
    void whatTheOriginDoesNotHaveAsTheSchedulerTells() throws Exception {
        var world = world("04-404.jsonl", "p1");
        var peer = daemon("p1", world);
        var registration = world.registration();

        Joined joined = join(peer, registration.getUrl(), CommonMapper.urlMeta(registration.getUrlMeta()));

        assertThatThrownBy(() -> joined.await(Duration.ofSeconds(30))).isInstanceOf(CodedException.class);
        compare(world);
        leaves(world);
    }

    private static void leaves(RecordedWorld world) {
        await().untilAsserted(() -> assertThat(world.told(PeerTarget.class)).hasSize(1));
        assertThat(world.said(PeerTarget.getDefaultInstance())).hasSize(1);
        assertThat(world.told(PeerTarget.class).getFirst().getPeerId())
                .isEqualTo(world.told(PeerTaskRequest.class).getFirst().getPeerId());
    }

    private void replay(String file, String who) throws Exception {
        var world = world(file, who);
        var peer = daemon(who, world);
        var registration = world.registration();

        Joined joined = join(peer, registration.getUrl(), CommonMapper.urlMeta(registration.getUrlMeta()));

        assertThat(joined.await(Duration.ofSeconds(30))).as(file).isTrue();
        assertThat(TestPeer.read(joined)).as(file).isEqualTo(world.content());
        compare(world);
        comparePieces(world, file);
        assertThat(world.told(PeerTaskRequest.class).getFirst().getTaskId())
                .as("%s: the task id", file)
                .isEqualTo(registration.getTaskId());
        peer.close();
        world.close();
    }

    private RecordedWorld world(String file, String who) throws Exception {
        var world = new RecordedWorld(runtime, file, who);
        open.add(world);
        return world;
    }

    private PeerDaemon daemon(String name, RecordedWorld world) throws Exception {
        var daemon = TestPeer.start(
                name, directory.resolve(name + System.nanoTime()), world.address(), runtime, UnaryOperator.identity());
        open.add(daemon);
        return daemon;
    }

    private static Joined join(PeerDaemon daemon, String url, UrlMeta meta) {
        return daemon.tasks().join(TaskSpec.of(url, meta), Wish.DEFAULT);
    }

    // ---- what is compared

    private static void compare(RecordedWorld world) {
        await().untilAsserted(() -> assertThat(world.told(PeerResult.class)).hasSize(1));
        var asked = world.told(PeerTaskRequest.class).getFirst();
        compareRegistration(world.registration(), asked);
        compareReports(world, asked);
        var result = world.told(PeerResult.class).getFirst();
        var recorded = world.said(PeerResult.getDefaultInstance()).getFirst();
        var expected = recorded.toBuilder()
                .setTaskId(asked.getTaskId())
                .setPeerId(asked.getPeerId())
                .setSrcIp(asked.getPeerHost().getIp())
                .setIdc(asked.getPeerHost().getIdc())
                .setUrl(asked.getUrl())
                .setCost(0);
        assertThat(plain(result.toBuilder().setCost(0).build())).isEqualTo(plain(expected.build()));
    }

    private static void compareRegistration(PeerTaskRequest recorded, PeerTaskRequest asked) {
        var expected = recorded.toBuilder()
                .setUrl(asked.getUrl())
                .setTaskId(asked.getTaskId())
                .setPeerId(asked.getPeerId())
                .setPeerHost(asked.getPeerHost());
        assertThat(plain(asked)).isEqualTo(plain(expected.build()));
        PeerHost then = recorded.getPeerHost();
        for (FieldDescriptor field : then.getAllFields().keySet()) {
            assertThat(asked.getPeerHost().hasField(field)).as("%s", field).isTrue();
        }
    }

    private static void compareReports(RecordedWorld world, PeerTaskRequest asked) {
        List<PieceResult> recorded = world.said(PieceResult.getDefaultInstance());
        List<PieceResult> told = world.told(PieceResult.class);
        assertThat(told.getFirst().getPieceInfo().getPieceNum()).isEqualTo(BEGIN);
        assertThat(told.getLast().getPieceInfo().getPieceNum()).isEqualTo(END);
        assertThat(told)
                .extracting(PieceResult::getFinishedCount)
                .containsExactlyElementsOf(
                        recorded.stream().map(PieceResult::getFinishedCount).toList());
        assertThat(told).allSatisfy(report -> {
            if (!report.getDstPid().isEmpty()) {
                assertThat(world.parents()).contains(report.getDstPid());
            }
        });
        for (PieceResult report : told) {
            boolean aboutAPiece = report.getPieceInfo().getPieceNum() >= 0
                    && report.getPieceInfo().getPieceNum() < END;
            assertThat(report.getBeginTime() > 0 && report.getEndTime() >= report.getBeginTime())
                    .as("times of %s", report)
                    .isEqualTo(aboutAPiece);
        }
        assertThat(comparable(told, world, asked)).isEqualTo(comparable(recorded, world, asked));
    }

    private static List<Message> comparable(List<PieceResult> reports, RecordedWorld world, PeerTaskRequest asked) {
        return reports.stream()
                .sorted(Comparator.comparingInt(report -> report.getPieceInfo().getPieceNum()))
                .map(report -> report.toBuilder()
                        .setTaskId(asked.getTaskId())
                        .setSrcPid(asked.getPeerId())
                        .clearDstPid()
                        .clearBeginTime()
                        .clearEndTime()
                        .clearFinishedCount()
                        .setPieceInfo(withoutCost(world.here(report.getPieceInfo())))
                        .build())
                .map(RecordedSchedulerIT::plain)
                .toList();
    }

    private static PieceInfo withoutCost(PieceInfo piece) {
        return piece.toBuilder().clearDownloadCost().build();
    }

    /** The first question to each parent, and that each piece was asked for once, under the path and range of v2.1.28. */
    private static void comparePieces(RecordedWorld world, String file) {
        var asked = world.told(PeerTaskRequest.class).getFirst();
        var first = world.firstQuestions();
        world.recordedFirstQuestions()
                .forEach((parent, recorded) -> assertThat(first)
                        .as("%s: %s", file, parent)
                        .hasEntrySatisfying(
                                parent,
                                question -> assertThat(plain(question))
                                        .isEqualTo(plain(recorded.toBuilder()
                                                .setSrcPid(asked.getPeerId())
                                                .build()))));
        var expected = world.told(PieceResult.class).stream()
                .filter(report -> !report.getDstPid().isEmpty())
                .map(report -> "GET /download/" + report.getTaskId().substring(0, 3) + "/" + report.getTaskId()
                        + "?peerId="
                        + report.getDstPid() + " bytes=" + report.getPieceInfo().getRangeStart() + "-"
                        + (report.getPieceInfo().getRangeStart()
                                + report.getPieceInfo().getRangeSize()
                                - 1))
                .toList();
        assertThat(world.pieceRequests()).as(file).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** Without the fields that only our processes know. */
    private static Message plain(Message message) {
        var builder = message.toBuilder();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getNumber() >= 1000) {
                builder.clearField(field);
            } else if (!field.isRepeated()
                    && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && message.hasField(field)) {
                builder.setField(field, plain((Message) message.getField(field)));
            }
        }
        return builder.build();
    }
}
