package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.proto.common.v1.TaskType;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.DeleteTaskRequest;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.proto.dfdaemon.v1.ExportTaskRequest;
import dev.darter.proto.dfdaemon.v1.ImportTaskRequest;
import dev.darter.proto.dfdaemon.v1.StatTaskRequest;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tools get over the unix socket. */
@Timeout(60)
final class ToolIT {
    private static final int MIB = 1 << 20;
    private static final String CACHED = "d7y:/golden-1";

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private TestOrigin origin;
    private FakeScheduler scheduler;
    private PeerDaemon peer;
    private DaemonClient tool;
    private ManagedChannel channel;
    private Path output;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        scheduler = FakeScheduler.start(runtime).onBegin(FakeScheduler.Talk::backToSource);
        peer = TestPeer.start("p1", directory, scheduler.address(), runtime, also -> also);
        tool = DaemonClient.unix(runtime, directory.resolve("p1/d.sock"));
        channel = Channels.unix(runtime, directory.resolve("p1/d.sock"));
        output = directory.resolve("out/file");
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        tool.close();
        peer.close();
        scheduler.close();
        origin.close();
        runtime.close();
    }

    @Test
    void downloadsToAFileAndTellsOfTheProgress() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        var page = origin.put("/f", content).gateAt(5 * MIB);
        var steps = new ArrayList<DaemonClient.Progress>();
        Thread opener = Thread.startVirtualThread(() -> {
            await().until(() -> !steps.isEmpty());
            page.open();
        });

        var last = tool.download(download("/f", UrlMeta.NONE, output), steps::add);
        opener.join();

        assertThat(output).hasBinaryContent(content);
        assertThat(steps.getFirst().completed()).isBetween(1L, (long) content.length - 1);
        assertThat(steps.getFirst().done()).isFalse();
        assertThat(steps.getFirst().total()).isEqualTo(content.length);
        assertThat(last.done()).isTrue();
        assertThat(last.completed()).isEqualTo(content.length);
        assertThat(last.task())
                .isEqualTo(TaskId.v1(origin.url("/f"), UrlMeta.NONE).value());
        assertThat(last.origin()).isEqualTo(content.length);
        assertThat(last.local() + last.peer()).isZero();
    }

    @Test
    void copiesAlongUnderANameThatTheNextTryTakesOver() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        Path temporary = directory.resolve("out/.file.darter");
        Files.createDirectories(directory.resolve("out"));
        Files.writeString(temporary, "left by a process that was killed");
        var page = origin.put("/f", content).gateAt(5 * MIB);
        Thread opener = Thread.startVirtualThread(() -> {
            await().until(() -> startsLike(temporary, content, 4 * MIB));
            assertThat(output).doesNotExist();
            page.open();
        });

        var _ = tool.download(download("/f", UrlMeta.NONE, output), _ -> {});
        opener.join();

        assertThat(output).hasBinaryContent(content);
        assertThat(directory.resolve("out")).isDirectoryNotContaining(file -> !file.equals(output));
    }

    @Test
    void leavesNothingOfADownloadThatFailed() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        var page = origin.put("/f", content).gateAt(5 * MIB);
        Path temporary = directory.resolve("out/.file.darter");
        Thread breaker = Thread.startVirtualThread(() -> {
            await().until(() -> startsLike(temporary, content, 4 * MIB));
            page.open();
        });
        var wrong = new UrlMeta("sha256:" + "ab".repeat(32), "", "", "", Map.of(), "", UrlMeta.NONE.priority());

        assertThatThrownBy(() -> tool.download(download("/f", wrong, output), _ -> {}))
                .hasMessageContaining("digest");
        breaker.join();

        assertThat(directory.resolve("out")).isEmptyDirectory();
    }

    @Test
    void twoToolsMayWriteTheSameFileAtATime() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        var page = origin.put("/f", content).gateAt(5 * MIB);
        var one = CompletableFuture.runAsync(() -> tool.download(download("/f", UrlMeta.NONE, output), _ -> {}));
        var two = CompletableFuture.runAsync(() -> tool.download(download("/f", UrlMeta.NONE, output), _ -> {}));
        Path where = directory.resolve("out");
        await().until(() -> Files.isDirectory(where)
                && Objects.requireNonNull(where.toFile().list()).length == 2);
        page.open();

        CompletableFuture.allOf(one, two).join();

        assertThat(output).hasBinaryContent(content);
        assertThat(directory.resolve("out")).isDirectoryNotContaining(file -> !file.equals(output));
    }

    private static boolean startsLike(Path file, byte[] content, int length) throws IOException {
        return Files.exists(file)
                && Files.size(file) >= length
                && Arrays.mismatch(Files.readAllBytes(file), content) >= length;
    }

    @Test
    void saysThatBytesWereHere() throws Exception {
        byte[] content = TestOrigin.bytes(1000);
        origin.put("/f", content);
        var _ = tool.download(download("/f", UrlMeta.NONE, output), _ -> {});

        var again = tool.download(download("/f", UrlMeta.NONE, directory.resolve("again")), _ -> {});

        assertThat(directory.resolve("again")).hasBinaryContent(content);
        assertThat(again.local()).isEqualTo(1000);
        assertThat(again.origin()).isZero();
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void placesRangesAtTheirStartOrWhereTheyWere() throws Exception {
        byte[] content = TestOrigin.bytes(2 * MIB);
        origin.put("/f", content);
        var range = UrlMeta.NONE.withRange("1000-5000");
        byte[] part = Arrays.copyOfRange(content, 1000, 5001);
        Path original = directory.resolve("original");

        var _ = tool.download(download("/f", range, output), _ -> {});
        var _ = tool.download(
                new DaemonClient.Download(origin.url("/f"), range, original, Duration.ZERO, 0, false, true), _ -> {});

        assertThat(output).hasBinaryContent(part);
        byte[] placed = Files.readAllBytes(original);
        assertThat(placed).hasSize(5001);
        assertThat(Arrays.copyOfRange(placed, 1000, 5001)).isEqualTo(part);
        assertThat(Arrays.copyOfRange(placed, 0, 1000)).containsOnly(0);
    }

    @Test
    void namesTheDigestItChecked() throws Exception {
        byte[] content = TestOrigin.bytes(1000);
        origin.put("/f", content);

        var results = new ArrayList<DownResult>();
        DaemonGrpc.newBlockingStub(channel)
                .download(request("/f", UrlMeta.NONE.withDigest(TestOrigin.sha256(content)), output)
                        .build())
                .forEachRemaining(results::add);

        assertThat("sha256:" + results.getLast().getSha256()).isEqualTo(TestOrigin.sha256(content));
        assertThat(results.getLast().getOutput()).isEqualTo(output.toString());
    }

    @Test
    void tellsToolsInOneCodeThatTheOriginRefused() {
        assertThatThrownBy(() -> tool.download(download("/missing", UrlMeta.NONE, output), _ -> {}))
                .isInstanceOfSatisfying(
                        CodedException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CLIENT_BACK_SOURCE_ERROR))
                .hasMessageContaining("404 Not Found");
        assertThat(output).doesNotExist();
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws Exception {
        var stub = DaemonGrpc.newBlockingStub(channel);

        assertStatus(
                Status.Code.INVALID_ARGUMENT,
                () -> stub.download(request("/f", UrlMeta.NONE.withRange("5-2"), output)
                                .build())
                        .next());
        assertStatus(
                Status.Code.INVALID_ARGUMENT,
                () -> stub.download(request("/f", UrlMeta.NONE.withDigest("sha256:123"), output)
                                .build())
                        .next());
        assertStatus(
                Status.Code.UNIMPLEMENTED,
                () -> stub.download(request("/f", UrlMeta.NONE, output)
                                .setRecursive(true)
                                .build())
                        .next());
        assertStatus(
                Status.Code.INVALID_ARGUMENT,
                () -> stub.download(
                                request("/f", UrlMeta.NONE, Path.of("relative")).build())
                        .next());
        assertStatus(
                Status.Code.UNKNOWN,
                () -> stub.download(request("/f", UrlMeta.NONE, output)
                                .setMountNamespace(1)
                                .build())
                        .next());
        assertThat(scheduler.talks()).isEmpty();
    }

    @Test
    void saysWhyAnOutputCannotBeWritten() throws Exception {
        origin.put("/f", TestOrigin.bytes(1000));
        Files.createDirectories(output);

        assertThatThrownBy(() -> tool.download(download("/f", UrlMeta.NONE, output), _ -> {}))
                .isInstanceOf(CodedException.class)
                .hasMessageContaining(output.toString());
    }

    // ---- content that the tool reads itself

    @Test
    void givesTheBytesInOrderWhileTheyLandAndTheLastBlockWhenAllIsVerified() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        var page = origin.put("/f", content).gateAt(5 * MIB);
        var got = new ByteArrayOutputStream();
        Thread opener = Thread.startVirtualThread(() -> {
            await().until(() -> sizeOf(got) >= 4 * MIB);
            page.open();
        });

        var last = tool.read(download("/f", UrlMeta.NONE.withDigest(TestOrigin.sha256(content)), output), into(got));
        opener.join();

        assertThat(got.toByteArray()).isEqualTo(content);
        assertThat(last.done()).isTrue();
        assertThat(last.completed()).isEqualTo(content.length);
        assertThat(output).doesNotExist();

        var again = new ByteArrayOutputStream();
        assertThat(tool.read(download("/f", UrlMeta.NONE.withDigest(TestOrigin.sha256(content)), output), into(again))
                        .local())
                .isEqualTo(content.length);
        assertThat(again.toByteArray()).isEqualTo(content);
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void neverGivesAllOfContentWhoseDigestIsWrong() throws Exception {
        byte[] content = TestOrigin.bytes(3 * MIB);
        origin.put("/f", content);
        var got = new ByteArrayOutputStream();

        assertThatThrownBy(() -> tool.read(
                        download("/f", UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64)), output), into(got)))
                .isInstanceOf(CodedException.class)
                .hasMessageContaining("digest of the content");
        assertThat(got.size()).isLessThan(content.length);
        assertThat(Arrays.copyOf(content, got.size())).isEqualTo(got.toByteArray());
    }

    @Test
    void givesARangeAndNothingOfEmptyContent() throws Exception {
        byte[] content = TestOrigin.bytes(2 * MIB);
        origin.put("/f", content);
        origin.put("/empty", new byte[0]);
        var part = new ByteArrayOutputStream();
        var none = new ByteArrayOutputStream();
        var cut = new ByteArrayOutputStream();

        var _ = tool.read(download("/f", UrlMeta.NONE.withRange("1000-5000"), output), into(part));
        assertThat(tool.read(download("/empty", UrlMeta.NONE, output), into(none))
                        .done())
                .isTrue();
        var _ = tool.download(download("/f", UrlMeta.NONE, output), _ -> {});
        var last = tool.read(download("/f", UrlMeta.NONE.withRange("600000-1600000"), output), into(cut));

        assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(content, 1000, 5001));
        assertThat(none.toByteArray()).isEmpty();
        assertThat(cut.toByteArray()).isEqualTo(Arrays.copyOfRange(content, 600_000, 1_600_001));
        assertThat(last.completed()).isEqualTo(1_000_001);
    }

    @Test
    void goesOnWithTheDownloadWhenTheToolHasGone() throws Exception {
        byte[] content = TestOrigin.bytes(9 * MIB);
        var page = origin.put("/f", content).gateAt(5 * MIB);
        var stop = new IllegalStateException("read enough");

        assertThatThrownBy(() -> tool.read(download("/f", UrlMeta.NONE, output), _ -> {
                    throw stop;
                }))
                .isSameAs(stop);
        tool.close();
        page.open();

        tool = DaemonClient.unix(runtime, directory.resolve("p1/d.sock"));
        var last = tool.download(download("/f", UrlMeta.NONE, output), _ -> {});
        assertThat(output).hasBinaryContent(content);
        assertThat(last.done()).isTrue();
        assertThat(origin.requests()).hasSize(1);
    }

    private static Consumer<ByteBuffer> into(ByteArrayOutputStream got) {
        return bytes -> {
            synchronized (got) {
                while (bytes.hasRemaining()) {
                    got.write(bytes.get());
                }
            }
        };
    }

    private static int sizeOf(ByteArrayOutputStream got) {
        synchronized (got) {
            return got.size();
        }
    }

    // ---- the cache that tools fill

    @Test
    void importsExportsAndForgets() throws Exception {
        byte[] content = TestOrigin.bytes(5 * MIB + 5);
        Path file = Files.write(directory.resolve("import"), content);
        var stub = DaemonGrpc.newBlockingStub(channel);
        var meta = CommonMapper.urlMeta(UrlMeta.NONE.withTag("cache"));
        var stat = StatTaskRequest.newBuilder().setUrl(CACHED).setUrlMeta(meta);
        assertCode(ErrorCode.PEER_TASK_NOT_FOUND, () -> stub.statTask(stat.build()));

        var _ = stub.importTask(ImportTaskRequest.newBuilder()
                .setUrl(CACHED)
                .setUrlMeta(meta)
                .setPath(file.toString())
                .setType(TaskType.DfCache)
                .build());

        var announced = scheduler.awaitOne(AnnounceTaskRequest.class, _ -> true);
        assertThat(announced.getTaskType()).isEqualTo(TaskType.DfCache);
        assertThat(announced.getUrl()).isEqualTo(CACHED);
        assertThat(announced.getPiecePacket().getPieceInfosCount()).isEqualTo(2);
        assertThat(announced.getTaskId()).isEqualTo("de730a17acaf01209ce110821b41069176d2c255d7cc9733f92e9c38ba0fb6dc");
        var _ = stub.statTask(stat.setLocalOnly(true).build());

        var export =
                ExportTaskRequest.newBuilder().setUrl(CACHED).setUrlMeta(meta).setOutput(output.toString());
        var _ = stub.exportTask(export.build());
        assertThat(output).hasBinaryContent(content);
        assertCode(ErrorCode.BAD_REQUEST, () -> stub.exportTask(export.build()));

        var delete =
                DeleteTaskRequest.newBuilder().setUrl(CACHED).setUrlMeta(meta).build();
        var _ = stub.deleteTask(delete);
        var _ = stub.deleteTask(delete);
        var left = scheduler.awaitOne(PeerTarget.class, _ -> true);
        assertThat(left.getPeerId()).isEqualTo(announced.getPiecePacket().getDstPid());
        assertCode(
                ErrorCode.PEER_TASK_NOT_FOUND,
                () -> stub.statTask(stat.setLocalOnly(true).build()));
    }

    @Test
    void importsNothingThatHasAnotherDigest() throws Exception {
        Path file = Files.write(directory.resolve("import"), TestOrigin.bytes(1000));
        var meta = UrlMeta.NONE.withDigest("sha256:" + "0".repeat(64));
        var stub = DaemonGrpc.newBlockingStub(channel);

        assertCode(
                ErrorCode.CLIENT_ERROR,
                () -> stub.importTask(ImportTaskRequest.newBuilder()
                        .setUrl(CACHED)
                        .setUrlMeta(CommonMapper.urlMeta(meta))
                        .setPath(file.toString())
                        .build()));
        assertThat(peer.tasks().find(TaskId.v1(CACHED, meta))).isEmpty();
    }

    private DaemonClient.Download download(String path, UrlMeta meta, Path target) {
        return new DaemonClient.Download(origin.url(path), meta, target, Duration.ZERO, 0, false, false);
    }

    private DownRequest.Builder request(String path, UrlMeta meta, Path target) {
        return DownRequest.newBuilder()
                .setUrl(origin.url(path))
                .setOutput(target.toString())
                .setUrlMeta(CommonMapper.urlMeta(meta));
    }

    private static void assertStatus(Status.Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code))
                .hasMessageContaining("expected");
    }

    private static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> assertThat(RpcErrors.code(failure)).contains(code));
    }
}
