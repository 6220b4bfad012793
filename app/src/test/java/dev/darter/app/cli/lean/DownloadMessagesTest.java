package dev.darter.app.cli.lean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.darter.core.Priority;
import dev.darter.core.UrlMeta;
import dev.darter.proto.dfdaemon.v1.DownRequest;
import dev.darter.proto.dfdaemon.v1.DownResult;
import dev.darter.wire.map.CommonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The messages written and read by hand, against those that are generated. */
final class DownloadMessagesTest {
    @Test
    void writesARequestAsTheGeneratedClassReadsIt() throws InvalidProtocolBufferException {
        var meta = new UrlMeta(
                "sha256:ab",
                "tag",
                "0-9",
                "Expires&Signature",
                Map.of("X-A", "1,2", "Authorization", "Bearer ö", "X-Empty", ""),
                "app",
                Priority.LEVEL6);
        byte[] bytes = new DownloadRequest(
                        "http://origin/ä?x=1", meta, Path.of("/out/ö"), 90_000, 1 << 30, true, true, false, 1000, 100)
                .encode();

        assertThat(DownRequest.parseFrom(bytes))
                .isEqualTo(DownRequest.newBuilder()
                        .setUrl("http://origin/ä?x=1")
                        .setOutput("/out/ö")
                        .setTimeout(90_000_000_000L)
                        .setLimit(1 << 30)
                        .setDisableBackSource(true)
                        .setUrlMeta(CommonMapper.urlMeta(meta))
                        .setUid(1000)
                        .setGid(100)
                        .setKeepOriginalOffset(true)
                        .addDarterFeatures("darter")
                        .build());
    }

    @Test
    void writesTheBytesThatUpstreamsToolSends() {
        // dfget http://origin/range.bin --range 5-2, without its random uuid
        byte[] theirs = DownRequest.newBuilder()
                .setUrl("http://origin/tag.bin")
                .setOutput("/data/out/p1")
                .setLimit(1073741824.0)
                .setUrlMeta(CommonMapper.urlMeta(UrlMeta.NONE.withRange("5-2")))
                .addDarterFeatures("darter")
                .build()
                .toByteArray();
        byte[] ours = new DownloadRequest(
                        "http://origin/tag.bin",
                        UrlMeta.NONE.withRange("5-2"),
                        Path.of("/data/out/p1"),
                        0,
                        1 << 30,
                        false,
                        false,
                        false,
                        0,
                        0)
                .encode();

        assertThat(ours).isEqualTo(theirs);
    }

    @Test
    void asksForTheBytesThemselvesInAWayThatOldDaemonsRefuse() throws InvalidProtocolBufferException {
        byte[] bytes = new DownloadRequest(
                        "http://origin/x", UrlMeta.NONE, Path.of("/dev/stdout"), 0, 0, false, false, true, 0, 0)
                .encode();

        DownRequest request = DownRequest.parseFrom(bytes);
        assertThat(request.getStream()).isTrue();
        assertThat(request.getOutput()).isEmpty();
    }

    @Test
    void readsContentAsTheGeneratedClassWritesIt() throws IOException {
        byte[] content = new byte[1000];
        new Random(3).nextBytes(content);
        byte[] bytes = DownResult.newBuilder()
                .setTaskId("task")
                .setContent(ByteString.copyFrom(content))
                .build()
                .toByteArray();

        assertThat(DownloadProgress.decode(bytes).content()).isEqualTo(ByteBuffer.wrap(content));
    }

    @Test
    void readsProgressAsTheGeneratedClassWritesIt() throws IOException {
        byte[] bytes = DownResult.newBuilder()
                .setTaskId("task")
                .setPeerId("peer")
                .setCompletedLength(1L << 40)
                .setDone(true)
                .setOutput("/out/x")
                .addDarterFeatures("darter")
                .setTotalLength(0)
                .setLocalBytes(1)
                .setPeerBytes(2)
                .setOriginBytes(3)
                .setSha256("ab")
                .build()
                .toByteArray();

        assertThat(DownloadProgress.decode(bytes))
                .isEqualTo(new DownloadProgress("task", 1L << 40, true, 0, 1, 2, 3, "ab"));
        assertThat(DownloadProgress.decode(new byte[0])).isEqualTo(DownloadProgress.NOTHING);
    }

    @Test
    void refusesMessagesThatAreCutShort() {
        byte[] whole = DownResult.newBuilder().setTaskId("task").build().toByteArray();
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> DownloadProgress.decode(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            try {
                assertThat(DownloadProgress.decode(bytes)).isNotNull();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("expected");
            }
        }
    }
}
