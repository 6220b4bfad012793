package dev.darter.peer.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.DigestBatch;
import dev.darter.core.NetAddress;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.Warrant;
import dev.darter.wire.map.ProofMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestListsTest {
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private static final TaskId OTHER = new TaskId("cd".repeat(32));
    private static final int GENERATION = 5;

    private final SigningKey scheduler = SigningKey.generate();
    private final SigningKey reader = SigningKey.generate();
    private final DigestLists lists = new DigestLists(TASK, key -> key.equals(scheduler.verifyKey()), GENERATION - 1);
    private final SignedWarrant warrant = warrant(TASK, GENERATION);

    @Test
    void believesWhatAReaderSignedUnderAWarrantOfAKnownScheduler() {
        assertThat(lists.take(warrant)).isInstanceOf(Verdict.Known.class);
        SignedBatch batch = batch(warrant, reader, "v", 3, 2);
        assertThat(lists.take(batch)).isEqualTo(new Verdict.Good(batch.batch(), GENERATION));
        assertThat(lists.isEmpty()).isFalse();
        assertThat(lists.generation()).isEqualTo(GENERATION);
    }

    @Test
    void verifiesABatchOnceWhoeverSendsIt() {
        lists.take(warrant);
        SignedBatch batch = batch(warrant, reader, "v", 0, 1);
        lists.take(batch);
        // The signature is another, which nobody looks at any more: the bytes are those that were verified.
        var again = new SignedBatch(batch.id(), batch.batch(), batch.payload(), new byte[64], batch.raw());
        assertThat(lists.take(again)).isInstanceOf(Verdict.Known.class);
    }

    @Test
    void aSignatureByAnotherKeyIsForged() {
        lists.take(warrant);
        assertThat(lists.take(batch(warrant, SigningKey.generate(), "v", 0, 1))).isInstanceOf(Verdict.Forged.class);
        assertThat(lists.take(batch(warrant, scheduler, "v", 0, 1))).isInstanceOf(Verdict.Forged.class);
        assertThat(lists.isEmpty()).isTrue();
    }

    @Test
    void aWarrantThatItsSignerDidNotSignIsForged() {
        SignedWarrant mine = ProofMapper.sign(reader, new Warrant(TASK, GENERATION, reader.verifyKey(), List.of()));
        var claimed = new SignedWarrant(
                mine.id(), mine.warrant(), scheduler.verifyKey(), mine.payload(), mine.signature(), mine.raw());
        assertThat(lists.take(claimed)).isInstanceOf(Verdict.Forged.class);
        assertThat(lists.take(batch(mine, reader, "v", 0, 1))).isInstanceOf(Verdict.Unprovable.class);
    }

    @Test
    void aWarrantForAnotherTaskIsForgedThoughItsSignatureHolds() {
        assertThat(lists.take(warrant(OTHER, GENERATION))).isInstanceOf(Verdict.Forged.class);
    }

    @Test
    void aWarrantOfASchedulerThatIsUnknownHereIsNobodysLie() {
        SignedWarrant stranger =
                ProofMapper.sign(SigningKey.generate(), new Warrant(TASK, GENERATION, reader.verifyKey(), List.of()));
        assertThat(lists.take(stranger)).isInstanceOf(Verdict.Unprovable.class);
        assertThat(lists.take(batch(stranger, reader, "v", 0, 1))).isInstanceOf(Verdict.Unprovable.class);
    }

    @Test
    void aBatchOutsideItsWarrantIsForged() {
        SignedWarrant some = ProofMapper.sign(
                scheduler,
                new Warrant(TASK, GENERATION, reader.verifyKey(), List.of(new BlockRange(2, 4), new BlockRange(8, 9))));
        lists.take(some);
        assertThat(lists.take(batch(some, reader, "v", 2, 2))).isInstanceOf(Verdict.Good.class);
        assertThat(lists.take(batch(some, reader, "v", 3, 2))).isInstanceOf(Verdict.Forged.class);
        assertThat(lists.take(batch(some, reader, "v", 0, 1))).isInstanceOf(Verdict.Forged.class);
    }

    @Test
    void aReplayOfAnEarlierGenerationChangesNothing() {
        lists.take(warrant);
        lists.take(batch(warrant, reader, "new", 0, 1));
        SignedWarrant old = warrant(TASK, GENERATION - 1);
        lists.take(old);
        assertThat(lists.take(batch(old, reader, "old", 0, 1)))
                .isInstanceOfSatisfying(
                        Verdict.OtherContent.class,
                        other -> assertThat(other.newer()).isFalse());
    }

    @Test
    void whatWasGivenUpIsNotTakenUpAgain() {
        SignedWarrant old = warrant(TASK, GENERATION - 2);
        lists.take(old);
        assertThat(lists.take(batch(old, reader, "old", 0, 1)))
                .isInstanceOfSatisfying(
                        Verdict.OtherContent.class,
                        other -> assertThat(other.newer()).isFalse());
        assertThat(lists.isEmpty()).isTrue();
    }

    @Test
    void newerContentCountsInsteadOfWhatIsHere() {
        lists.take(warrant);
        lists.take(batch(warrant, reader, "old", 0, 1));
        SignedWarrant next = warrant(TASK, GENERATION + 1);
        lists.take(next);
        assertThat(lists.take(batch(next, reader, "new", 0, 1)))
                .isInstanceOfSatisfying(Verdict.OtherContent.class, other -> {
                    assertThat(other.newer()).isTrue();
                    assertThat(other.generation()).isEqualTo(GENERATION + 1);
                });
    }

    @Test
    void severalReadersOfTheSameContentAddToEachOther() {
        var second = SigningKey.generate();
        lists.take(warrant);
        lists.take(batch(warrant, reader, "v", 0, 1));
        SignedWarrant successor =
                ProofMapper.sign(scheduler, new Warrant(TASK, GENERATION + 1, second.verifyKey(), List.of()));
        lists.take(successor);
        assertThat(lists.take(batch(successor, second, "v", 1, 1))).isInstanceOf(Verdict.Good.class);
    }

    @Test
    void holdsNoMoreWarrantsThanAnyTaskNeeds() {
        for (int i = 0; i < 256; i++) {
            assertThat(lists.take(warrant(TASK, GENERATION + i))).isInstanceOf(Verdict.Known.class);
        }
        assertThat(lists.take(warrant(TASK, GENERATION + 256))).isInstanceOf(Verdict.Unprovable.class);
    }

    @Test
    void remembersSchedulersOverARestart(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("keys");
        var keys = SchedulerKeys.load(file);
        assertThat(keys.add(scheduler.verifyKey())).isTrue();
        assertThat(keys.add(scheduler.verifyKey())).isFalse();
        assertThat(SchedulerKeys.load(file).contains(scheduler.verifyKey())).isTrue();
        for (int i = 0; i < 256; i++) {
            keys.add(SigningKey.generate().verifyKey());
        }
        assertThat(keys.contains(scheduler.verifyKey())).isFalse();
        Files.writeString(file, "nonsense\n");
        assertThat(SchedulerKeys.load(file).contains(scheduler.verifyKey())).isFalse();
    }

    @Test
    void theTableOfLiarsDoesNotGrowForEver() {
        var bans = new Bans();
        for (int i = 1; i <= 5000; i++) {
            bans.add(new NetAddress("10.0." + i / 250 + "." + i % 250, 65000), "lied");
        }
        assertThat(bans.size()).isEqualTo(4096);
        assertThat(bans.contains(new NetAddress("10.0.20.0", 65000))).isTrue();
    }

    private SignedWarrant warrant(TaskId task, long generation) {
        return ProofMapper.sign(scheduler, new Warrant(task, generation, reader.verifyKey(), List.of()));
    }

    private static SignedBatch batch(SignedWarrant under, SigningKey by, String version, int first, int blocks) {
        var digests = new java.util.ArrayList<Sha256>();
        for (int block = 0; block < blocks; block++) {
            digests.add(new Sha256(first + block, 1, 1, 1));
        }
        return ProofMapper.sign(
                by,
                new DigestBatch(
                        under.id(),
                        version,
                        -1,
                        BlockLength.SMALL,
                        4L << 20,
                        Map.of(),
                        List.of(new DigestBatch.Run(first, digests)),
                        List.of()));
    }
}
