package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.TaskId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Directories as v2.1.28 left them: its metadata was recorded, the content is one that can be made again. */
final class TakeoverTest {
    private static final String KNOWN = "73797ed356039f7ee09e5194cd28a91854a240101f4f6ebf4b5ffdfd0ef27d47";
    private static final String UNKNOWN = "71f848edd6871fb21fa40094f6ee89e0ebf8a1dc16b7ce42332b76003bedf5a5";
    private static final String PEER_OF_KNOWN = "10.77.1.1-22712-994867aa-e9a6-48d0-af66-f93c7d882b46";
    private static final String PEER_OF_UNKNOWN = "10.77.1.1-22712-41549fa2-d74b-428b-a1d8-1ddf3635d8de";
    private static final int LENGTH = 9438418;
    private static final long FACTOR = 2654435761L;

    @TempDir
    private Path dataDir;

    @ParameterizedTest
    @CsvSource({
        "known-length.json, " + KNOWN + ", " + PEER_OF_KNOWN,
        "unknown-length.json, " + UNKNOWN + ", " + PEER_OF_UNKNOWN
    })
    void servesWhatUpstreamStored(String metadata, String task, String peer) throws Exception {
        Path directory = leave(metadata, task, peer, content());

        try (var storage = start()) {
            TaskContent taken = storage.find(new TaskId(task)).orElseThrow();

            assertThat(taken.state()).isEqualTo(TaskContent.State.COMPLETE);
            assertThat(taken.peer().value()).isEqualTo(peer);
            assertThat(taken.length()).hasValue(LENGTH);
            assertThat(taken.pieces(0, 9))
                    .extracting(piece -> piece.md5().orElseThrow().hex())
                    .containsExactly(
                            "c87c264747f62a5a761af629a89b8d3e",
                            "43414480a9cad48e5124e6ce6022133a",
                            "d87db7dc6dcb1c372c5b72e8ddffc3ce");
            assertThat(taken.pieceMd5Sign())
                    .contains("2dcd0c59834eb60dc378c615ab351017e497d2b83a2e6900ac8a24377d3fc9cf");
            assertThat(read(taken)).isEqualTo(content());
        }
        assertThat(directory.resolve("metadata")).hasBinaryContent(recorded(metadata));
    }

    @Test
    void knowsTheOriginsHeaderAgain() throws Exception {
        var _ = leave("known-length.json", KNOWN, PEER_OF_KNOWN, content());

        try (var storage = start()) {
            assertThat(storage.find(new TaskId(KNOWN)).orElseThrow().header())
                    .isEqualTo(Map.of(
                            "Content-Type", "text/plain",
                            "Etag", "\"6b0769d9-9004d2\"",
                            "Last-Modified", "Wed, 25 Nov 2026 23:06:01 GMT"));
        }
    }

    @Test
    void findsItAgainWithoutASecondTakeover() throws Exception {
        Path directory = leave("known-length.json", KNOWN, PEER_OF_KNOWN, content());
        try (var storage = start()) {
            assertThat(storage.find(new TaskId(KNOWN))).isPresent();
        }

        assertThat(Takeover.isPossible(directory)).isFalse();
        try (var storage = start()) {
            assertThat(read(storage.find(new TaskId(KNOWN)).orElseThrow())).isEqualTo(content());
        }
    }

    @Test
    void removesContentThatIsNotWhatItsDigestsPromise() throws Exception {
        byte[] damaged = content();
        damaged[5_000_000]++;
        Path directory = leave("known-length.json", KNOWN, PEER_OF_KNOWN, damaged);

        assertThatThrownBy(() -> Takeover.run(directory))
                .isInstanceOf(Takeover.Refused.class)
                .hasMessageContaining("piece 1: MD5")
                .hasMessageContaining("expected: 43414480a9cad48e5124e6ce6022133a");
        try (var storage = start()) {
            assertThat(storage.find(new TaskId(KNOWN))).isEmpty();
        }
        assertThat(directory.getParent()).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"done\":true | \"done\":false | done: false",
                "\"contentLength\":9438418 | \"contentLength\":9438417 | data: 9438418 bytes",
                "\"Start\":4194304 | \"Start\":4194305 | piece 1: bytes 4194305",
                "\"md5\":\"43414480a9cad48e5124e6ce6022133a\", | '' | piece 1: no digest"
            })
    void refusesMetadataThatDoesNotFit(String recorded, String instead, String reason) throws Exception {
        Path directory = leave("known-length.json", KNOWN, PEER_OF_KNOWN, content());
        String metadata = Files.readString(directory.resolve("metadata"));
        Files.writeString(directory.resolve("metadata"), metadata.replace(recorded, instead));

        assertThatThrownBy(() -> Takeover.run(directory))
                .isInstanceOf(Takeover.Refused.class)
                .hasMessageContaining(reason);
    }

    private DiskStorage start() throws IOException {
        return DiskStorage.start(StorageConfig.in(dataDir), InstantSource.system(), _ -> {});
    }

    private Path leave(String metadata, String task, String peer, byte[] content) throws IOException {
        Path directory = Files.createDirectories(dataDir.resolve(task).resolve(peer));
        Files.write(directory.resolve("data"), content);
        Files.write(directory.resolve("metadata"), recorded(metadata));
        return directory;
    }

    private static byte[] recorded(String metadata) throws IOException {
        try (InputStream stream =
                Objects.requireNonNull(TakeoverTest.class.getResourceAsStream("/golden/disk/" + metadata), metadata)) {
            return stream.readAllBytes();
        }
    }

    private static byte[] content() {
        var content = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            content[i] = (byte) ((i * FACTOR & 0xffffffffL) >>> 24);
        }
        return content;
    }

    private static byte[] read(TaskContent content) throws IOException {
        var bytes = ByteBuffer.allocate(LENGTH);
        ContentReader reader = content.read();
        int more = 1;
        while (bytes.hasRemaining() && more > 0) {
            more = reader.read(bytes.position(), bytes);
        }
        reader.close();
        return bytes.array();
    }
}
