package dev.darter.wire.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.Digest;
import dev.darter.core.DigestBatch;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.Warrant;
import dev.darter.proto.darter.v1.DigestRun;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofMapperTest {
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private final SigningKey scheduler = SigningKey.generate();
    private final SigningKey reader = SigningKey.generate();
    private final SignedWarrant warrant = ProofMapper.sign(
            scheduler, new Warrant(TASK, 7, reader.verifyKey(), List.of(new BlockRange(0, 4), new BlockRange(9, 10))));
    private final SignedBatch batch = ProofMapper.sign(reader, batch(List.of(run(0, 3), run(9, 1))));

    @Test
    void whatIsSignedIsReadBackAndHolds() {
        SignedWarrant read = ProofMapper.readWarrant(warrant.raw());
        assertThat(read.warrant()).isEqualTo(warrant.warrant());
        assertThat(read.id()).isEqualTo(warrant.id());
        assertThat(read.signer()).isEqualTo(scheduler.verifyKey());
        assertThat(read.isSigned()).isTrue();
        SignedBatch digests = ProofMapper.readBatch(batch.raw());
        assertThat(digests.batch()).isEqualTo(batch.batch());
        assertThat(digests.id()).isEqualTo(batch.id());
        assertThat(digests.isSignedBy(reader.verifyKey())).isTrue();
        assertThat(digests.isSignedBy(scheduler.verifyKey())).isFalse();
    }

    @Test
    void passesOnExactlyWhatCame() {
        assertThat(ProofMapper.toWire(ProofMapper.readBatch(batch.raw())).toByteArray())
                .isEqualTo(batch.raw());
        assertThat(ProofMapper.toWire(ProofMapper.readWarrant(warrant.raw())).toByteArray())
                .isEqualTo(warrant.raw());
    }

    /** Whatever is changed (every seventh bit), what comes out is refused as nonsense or does not verify. */
    @Test
    void noChangedBitGoesUnnoticed() {
        for (int bit = 0; bit < batch.raw().length * 8; bit += 7) {
            byte[] changed = batch.raw().clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(holds(changed)).as("bit %d", bit).isFalse();
        }
        for (int bit = 0; bit < warrant.raw().length * 8; bit += 7) {
            byte[] changed = warrant.raw().clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(warrantHolds(changed)).as("bit %d", bit).isFalse();
        }
    }

    private boolean holds(byte[] raw) {
        try {
            SignedBatch read = ProofMapper.readBatch(raw);
            return read.isSignedBy(reader.verifyKey());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean warrantHolds(byte[] raw) {
        try {
            SignedWarrant read = ProofMapper.readWarrant(raw);
            return read.isSigned() && read.signer().equals(scheduler.verifyKey());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Only one kind of exception comes out of whatever goes in, and nothing that goes in makes much of itself. */
    @Test
    void readsNonsenseWithoutHarm() {
        var random = new Random(11);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes;
            if (round % 2 == 0) {
                bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
            } else {
                bytes = (round % 4 == 1 ? batch.raw() : warrant.raw()).clone();
                for (int change = 0; change < 1 + random.nextInt(4); change++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            refusesOrReads(bytes);
        }
    }

    private void refusesOrReads(byte[] bytes) {
        try {
            var _ = ProofMapper.readBatch(bytes);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("expected");
        }
        try {
            var _ = ProofMapper.readWarrant(bytes);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> batch(List.of(run(0, DigestBatch.MOST_BLOCKS + 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> batch(Collections.nCopies(DigestBatch.MOST_BLOCKS + 1, run(0, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ProofMapper.readBatch(new byte[SignedBatch.LONGEST + 1]))
                .hasMessageContaining("at most");
        var longRun = dev.darter.proto.darter.v1.DigestBatch.newBuilder()
                .addRuns(DigestRun.newBuilder().setSha256(ByteString.copyFrom(new byte[33])));
        assertThatThrownBy(() -> ProofMapper.batch(dev.darter.proto.darter.v1.SignedBatch.newBuilder()
                        .setBatch(longRun.setWarrant(ByteString.copyFrom(new byte[32]))
                                .build()
                                .toByteString())
                        .build()))
                .hasMessageContaining("33 bytes");
        assertThatThrownBy(
                        () -> new Warrant(TASK, 1, reader.verifyKey(), Collections.nCopies(65, new BlockRange(0, 1))))
                .hasMessageContaining("at most 64");
    }

    @Test
    void refusesBatchesThatDoNotFitTogether() {
        assertThatThrownBy(() -> batch(List.of(run(3, 2), run(4, 1)))).hasMessageContaining("ascending");
        assertThatThrownBy(() -> batch(List.of(run(39, 2)))).hasMessageContaining("within content");
        assertThatThrownBy(() -> batch(List.of(run(DigestBatch.MOST_NUMBER + 1, 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLongestBatchFits() {
        SignedBatch longest = ProofMapper.sign(
                reader,
                new DigestBatch(
                        warrant.id(),
                        "v",
                        -1,
                        BlockLength.SMALL,
                        4L << 20,
                        Map.of(),
                        List.of(run(0, DigestBatch.MOST_BLOCKS)),
                        List.of()));
        assertThat(ProofMapper.readBatch(longest.raw()).batch().blocks()).isEqualTo(DigestBatch.MOST_BLOCKS);
    }

    private DigestBatch batch(List<DigestBatch.Run> runs) {
        return new DigestBatch(
                warrant.id(),
                "\"v1\"",
                10L << 20,
                BlockLength.SMALL,
                4L << 20,
                Map.of("Etag", "\"v1\""),
                runs,
                List.of(new DigestBatch.PieceMd5(2, Digest.md5("0".repeat(32)))));
    }

    private static DigestBatch.Run run(int first, int blocks) {
        return new DigestBatch.Run(first, Collections.nCopies(blocks, new Sha256(1, 2, 3, first)));
    }
}
