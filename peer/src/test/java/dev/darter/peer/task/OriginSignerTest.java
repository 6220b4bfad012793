package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import dev.darter.core.PeerId;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.Warrant;
import dev.darter.peer.storage.Claim;
import dev.darter.peer.storage.DiskStorage;
import dev.darter.peer.storage.Proofs;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.map.ProofMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class OriginSignerTest {
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private static final int BLOCKS = 4;

    @TempDir
    Path directory;

    private final SigningKey scheduler = SigningKey.generate();
    private final SigningKey reader = SigningKey.generate();

    /** Repeated, since the end may come while a batch is being written. */
    @RepeatedTest(50)
    void everyBlockIsSignedWheneverTheReadingEnds() throws Exception {
        var warrant = ProofMapper.sign(scheduler, new Warrant(TASK, 1, reader.verifyKey(), List.of()));
        try (var storage = DiskStorage.start(StorageConfig.in(directory), InstantSource.system(), _ -> {})) {
            TaskContent content = storage.open(TASK, new PeerId("127.0.0.1-1-reader"));
            try (var _ = OriginSigner.start(content, reader, () -> Optional.of(warrant))) {
                read(content);
            }

            assertThat(content.originBlocks().cardinality()).isEqualTo(BLOCKS);
            for (int i = 0; i < BLOCKS; i++) {
                int block = i;
                assertThat(content.proofs().from(0))
                        .as("what proves block " + block)
                        .anyMatch(proof -> proof.kind() == Proofs.Kind.BATCH
                                && proof.blocks().stream().anyMatch(range -> range.contains(block)));
            }
        }
    }

    private static void read(TaskContent content) throws IOException {
        content.describe(OptionalLong.of(BLOCKS * BlockLength.SMALL), Map.of());
        if (content.claim(0) instanceof Claim.Mine(var writer)) {
            try (writer) {
                writer.trust();
                writer.write(ByteBuffer.allocate(BLOCKS * BlockLength.SMALL));
                var _ = writer.commit(Optional.empty());
            }
        }
    }
}
