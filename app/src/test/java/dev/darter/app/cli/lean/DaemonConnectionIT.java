package dev.darter.app.cli.lean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.core.UrlMeta;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small client against the server that daemons really run. */
final class DaemonConnectionIT {
    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final FakeDaemon daemon = new FakeDaemon();
    private Path socket = Path.of("");
    private GrpcServer server;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("daemon.sock");
        server = GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Unix(socket, List.of(daemon))), true);
    }

    @AfterEach
    void stop() {
        server.close();
        runtime.close();
    }

    @Test
    void tellsEveryStepOfADownload() throws Exception {
        daemon.answer = (_, answers) -> {
            for (int i = 1; i <= 3; i++) {
                answers.onNext(DownResult.newBuilder()
                        .setTaskId("t")
                        .setPeerId("p")
                        .setCompletedLength(i)
                        .setDone(i == 3)
                        .build());
            }
            answers.onCompleted();
        };

        assertThat(download()).extracting(DownloadProgress::completed).containsExactly(1L, 2L, 3L);
        assertThat(daemon.asked.getUrl()).isEqualTo("http://origin/x");
        assertThat(daemon.asked.getUrlMeta().getHeaderMap()).containsEntry("Authorization", "a, b");
    }

    @Test
    void readsMoreThanOneWindow() throws Exception {
        String long_ = "x".repeat(10_000);
        daemon.answer = (_, answers) -> {
            for (int i = 0; i < 50; i++) {
                answers.onNext(DownResult.newBuilder()
                        .setTaskId("t")
                        .setPeerId("p")
                        .setOutput(long_)
                        .build());
            }
            answers.onCompleted();
        };

        assertThat(download()).hasSize(50);
    }

    @Test
    void carriesTheCodeOfAFailure() {
        daemon.answer = (_, answers) ->
                answers.onError(RpcErrors.toStatus(new CodedException(ErrorCode.CLIENT_ERROR, "100 % wrong: ö")));

        assertThatThrownBy(this::download).isInstanceOfSatisfying(CallFailed.class, failure -> {
            assertThat(failure.status()).isEqualTo(CallFailed.UNKNOWN);
            assertThat(failure.code()).isEqualTo(4000);
            assertThat(failure.reason()).isEqualTo("100 % wrong: ö");
            assertThat(failure.toLine()).isEqualTo("rpc error: code = Unknown desc = [4000]100 % wrong: ö");
        });
    }

    @Test
    void carriesWhatTheOriginAnswered() {
        daemon.answer = (_, answers) -> answers.onError(RpcErrors.toStatus(
                new OriginException("no", new OriginFailure(false, 404, "404 Not Found", Map.of("A", "b")))));

        assertThatThrownBy(this::download)
                .isInstanceOfSatisfying(
                        CallFailed.class,
                        failure -> assertThat(failure.originStatus()).isEqualTo(404));
    }

    @Test
    void reportsARefusedRequest() {
        assertThatThrownBy(() -> download("not a url", 0))
                .isInstanceOfSatisfying(
                        CallFailed.class,
                        failure -> assertThat(failure.status()).isEqualTo(CallFailed.INVALID_ARGUMENT));
    }

    @Test
    void endsWhenItsTimeIsOver() {
        var never = new CountDownLatch(1);
        daemon.answer = (_, _) -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };

        assertThatThrownBy(() -> download("http://origin/x", 300))
                .isInstanceOfSatisfying(
                        CallFailed.class,
                        failure -> assertThat(failure.status()).isEqualTo(CallFailed.DEADLINE_EXCEEDED));
        never.countDown();
    }

    @Test
    void asksForHealth() throws Exception {
        try (var connection = DaemonConnection.open(socket)) {
            connection.checkHealth(5_000);
        }
        daemon.healthy = false;
        try (var connection = DaemonConnection.open(socket)) {
            assertThatThrownBy(() -> connection.checkHealth(5_000)).isInstanceOf(CallFailed.class);
        }
    }

    @Test
    void saysWhenNobodyListens() {
        assertThatThrownBy(() -> DaemonConnection.open(directory.resolve("nothing.sock")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void reportsADaemonThatHangsUp() throws Exception {
        Path hangUp = directory.resolve("hang-up.sock");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(hangUp));
            var acceptor = Thread.ofVirtual().start(() -> {
                try (var accepted = listener.accept()) {
                    accepted.read(ByteBuffer.allocate(10));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            socket = hangUp;

            assertThatThrownBy(this::download)
                    .isInstanceOfSatisfying(
                            CallFailed.class,
                            failure -> assertThat(failure.status()).isEqualTo(CallFailed.UNAVAILABLE));
            acceptor.join();
        }
    }

    private List<DownloadProgress> download() throws IOException, CallFailed {
        return download("http://origin/x", 0);
    }

    private List<DownloadProgress> download(String url, long timeoutMillis) throws IOException, CallFailed {
        var meta = UrlMeta.NONE.withHeader(Map.of("Authorization", "a, b"));
        try (var connection = DaemonConnection.open(socket)) {
            connection.download(
                    new DownloadRequest(url, meta, Path.of("/out/x"), timeoutMillis, 0, false, false, false, 0, 0));
            var steps = new ArrayList<DownloadProgress>();
            for (var step = connection.next(); step.isPresent(); step = connection.next()) {
                steps.add(step.get());
            }
            return steps;
        }
    }

    private static final class FakeDaemon extends DaemonGrpc.DaemonImplBase {
        private volatile BiConsumer<DownRequest, StreamObserver<DownResult>> answer =
                (_, answers) -> answers.onCompleted();
        private volatile DownRequest asked = DownRequest.getDefaultInstance();
        private volatile boolean healthy = true;

        @Override
        public void download(DownRequest request, StreamObserver<DownResult> answers) {
            asked = request;
            answer.accept(request, answers);
        }

        @Override
        public void checkHealth(Empty request, StreamObserver<Empty> answers) {
            if (healthy) {
                answers.onNext(Empty.getDefaultInstance());
                answers.onCompleted();
            } else {
                answers.onError(Status.UNAVAILABLE.asRuntimeException());
            }
        }
    }
}
