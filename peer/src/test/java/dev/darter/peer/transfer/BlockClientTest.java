package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a Darter peer may answer who was asked for whatever it wants to give away. */
final class BlockClientTest {
    private static final int LENGTH = BlockLength.SMALL;
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private static final Duration SOON = Duration.ofSeconds(10);

    @Test
    void refusesABlockThatIsLongerThanBlocksAre() throws IOException {
        for (int length : new int[] {LENGTH + 1, Integer.MAX_VALUE}) {
            assertThat(failure(length))
                    .isInstanceOfSatisfying(
                            CodedException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL))
                    .hasMessageContaining(length + " bytes (expected: at most 1 blocks of " + LENGTH + ")");
        }
    }

    @Test
    void refusesABlockOfNoBytes() throws IOException {
        assertThat(failure(0))
                .isInstanceOfSatisfying(
                        CodedException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL));
    }

    @Test
    void refusesBlocksWithoutADigestForEach() throws IOException {
        assertThat(failure(LENGTH + 1, 2))
                .isInstanceOfSatisfying(
                        CodedException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL))
                .hasMessageContaining("1 digests for " + (LENGTH + 1) + " bytes (expected: one for each block)");
    }

    private static Throwable failure(long contentLength) throws IOException {
        return failure(contentLength, 1);
    }

    /** How it ends when a parent hands out so many bytes under one digest. */
    private static Throwable failure(long contentLength, int most) throws IOException {
        try (var parent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var connections = Connections.start(SOON, SOON)) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(parent, contentLength));
            Throwable failure = catchThrowable(() -> new BlockClient(connections)
                    .next(
                            "127.0.0.1:" + parent.getLocalPort(),
                            TASK,
                            "me",
                            0,
                            most,
                            LENGTH,
                            ByteBuffer.allocate(LENGTH),
                            new Breaker(),
                            (block, _) -> {
                                throw new IOException("took block " + block.number());
                            }));
            answered.join();
            return failure;
        }
    }

    private static void answer(ServerSocket parent, long contentLength) {
        try (var socket = parent.accept()) {
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + contentLength
                    + "\r\nX-Darter-Block: 0\r\nX-Darter-Sha256: " + "00".repeat(32) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            var _ = socket.getInputStream().read(); // until the client has read it
            var _ = socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // it hung up
        }
    }
}
