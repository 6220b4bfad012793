package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.TaskContent.Proven;
import dev.darter.peer.storage.TaskContent.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that other peers give: each verified by itself, pieces listed when all their blocks are here. */
class BlockStorageTest {
    private static final int LENGTH = BlockLength.SMALL;
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private static final PeerId PEER = new PeerId("127.0.0.1-1-peer");

    /** One whole piece, and a second one with a short block at its end. */
    private static final byte[] BYTES = random((int) PieceLength.of(0) + LENGTH + 1000);

    @TempDir
    private Path directory;

    private final DiskPool disk = new DiskPool();
    private DiskContent content;

    @BeforeEach
    void open() throws IOException {
        content = DiskContent.open(TASK, PEER, directory, disk, InstantSource.system());
        if (content.length().isEmpty()) {
            content.describe(OptionalLong.of(BYTES.length), Map.of());
            content.cut(LENGTH, PieceLength.of(BYTES.length));
        }
    }

    @AfterEach
    void close() {
        content.close(true);
        disk.close();
    }

    @Test
    void aBlockIsReadableAtOnceAndItsPieceWhenAllBlocksAreHere() throws IOException {
        content.note(piece(0), true);
        for (int number = 1; number < 16; number++) {
            assertThat(store(number)).isEqualTo(Stored.NEW);
        }
        assertThat(content.pieces(0, 10)).isEmpty();
        assertThat(content.readableBlocks().cardinality()).isEqualTo(15);
        assertThat(content.block(3)).contains(block(3));
        assertThat(content.block(0)).isEmpty();

        assertThat(store(0)).isEqualTo(Stored.NEW);
        assertThat(content.pieces(0, 10)).containsExactly(piece(0));
    }

    @Test
    void aPieceIsListedWhenItsDigestBecomesKnownAfterItsBlocks() throws IOException {
        store(16);
        store(17);
        assertThat(content.pieces(0, 10)).isEmpty();
        content.note(piece(1), true);
        assertThat(content.pieces(0, 10)).containsExactly(piece(1));
    }

    @Test
    void computesDigestsOfPiecesThatNobodyTold() throws IOException {
        storeAll();
        content.finishPieces();
        assertThat(content.pieces(0, 10)).containsExactly(piece(0), piece(1));
        content.complete(BYTES.length);
        assertThat(Files.readAllBytes(directory.resolve("data"))).isEqualTo(BYTES);
    }

    @Test
    void otherBytesNeverReachTheFile() throws IOException {
        var wrong = ByteBuffer.allocate(LENGTH);
        assertThatThrownBy(() -> content.store(block(2), wrong))
                .isInstanceOfSatisfying(
                        WrongBlock.class,
                        failure -> assertThat(failure.number()).isEqualTo(2));
        assertThat(content.readableBlocks().isEmpty()).isTrue();
        assertThat(store(2)).isEqualTo(Stored.NEW);
    }

    @Test
    void aBlockThatIsHereIsNotWrittenAgain() throws IOException {
        assertThat(store(2)).isEqualTo(Stored.NEW);
        assertThat(store(2)).isEqualTo(Stored.HERE);
    }

    @Test
    void refusesBlocksThatCannotBe() {
        var behind = new Block(18, LENGTH, new Sha256(0, 0, 0, 0));
        assertThatThrownBy(() -> content.store(behind, ByteBuffer.allocate(LENGTH)))
                .isInstanceOf(CodedException.class);
        var tooLong = new Block(17, LENGTH, new Sha256(0, 0, 0, 0));
        assertThatThrownBy(() -> content.store(tooLong, ByteBuffer.allocate(LENGTH)))
                .isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> content.cut(BlockLength.LARGE, PieceLength.of(0)))
                .isInstanceOf(CodedException.class);
    }

    @Test
    void aWriterOfTheWholePieceLeavesBlocksAloneThatAreHere() throws IOException {
        store(3);
        try (var writer = ((Claim.Mine) content.claim(piece(0))).writer()) {
            assertThat(store(5)).isEqualTo(Stored.HERE); // the writer is at work there
            byte[] wrong = BYTES.clone();
            wrong[3 * LENGTH] ^= 1;
            writer.write(ByteBuffer.wrap(wrong, 0, (int) piece(0).length()));
            assertThatThrownBy(() -> writer.commit(piece(0).md5())).isInstanceOf(CodedException.class);
        }
        assertThat(Sha256.hash(ByteBuffer.wrap(Files.readAllBytes(directory.resolve("data")), 3 * LENGTH, LENGTH)))
                .isEqualTo(block(3).sha256());
        try (var writer = ((Claim.Mine) content.claim(piece(0))).writer()) {
            writer.write(ByteBuffer.wrap(BYTES, 0, (int) piece(0).length()));
            assertThat(writer.commit(piece(0).md5())).isEqualTo(piece(0));
        }
        assertThat(content.readableBlocks().cardinality()).isEqualTo(16);
    }

    @Test
    void knowsWhichBlocksReadersInOrderWillMissNext() throws Exception {
        store(0);
        store(2);
        try (ContentReader watcher = content.read();
                ContentReader reader = content.read();
                ContentReader other = content.read()) {
            assertThat(watcher.available(0)).isEqualTo(LENGTH);
            assertThat(content.awaitedBlocks(4)).isEmpty(); // nobody has waited yet

            assertThat(reader.await(0, Duration.ZERO)).isEqualTo(LENGTH);
            assertThat(content.awaitedBlocks(4)).containsExactly(1, 3, 4, 5);
            assertThat(other.await(15L * LENGTH + 7, Duration.ZERO)).isZero();
            assertThat(content.awaitedBlocks(2)).containsExactlyInAnyOrder(1, 15, 3, 16);
            assertThat(content.awaitedBlocks(4)).contains(15, 16, 17).doesNotContain(18); // there is none
            store(1);
            assertThat(content.awaitedBlocks(1)).containsExactlyInAnyOrder(3, 15);
        }
        assertThat(content.awaitedBlocks(4)).isEmpty();
    }

    @Test
    void aReaderThatMovesOnWaitsForWhatIsAhead() throws Exception {
        for (int number = 0; number < 8; number++) {
            store(number);
        }
        try (ContentReader reader = content.read()) {
            long here = reader.await(0, Duration.ZERO);
            assertThat(here).isEqualTo(8L * LENGTH);
            assertThat(reader.read(0, ByteBuffer.allocate((int) here))).isEqualTo((int) here);
            assertThat(content.awaitedBlocks(2)).containsExactly(8, 9);
        }
    }

    @Test
    void knowsItsBlocksAgainAfterARestart() throws IOException {
        store(4);
        content.close(true);
        open();
        assertThat(content.block(4)).contains(block(4));
        assertThat(content.readableBlocks().cardinality()).isEqualTo(1);
    }

    @Test
    void bytesAreAtHandWhenNothingHasToBeReadFirst() throws IOException {
        store(4);
        store(5);
        long start = 4L * LENGTH;
        assertThat(content.isAtHand(new ByteRange(start, 2 * LENGTH))).isTrue();
        assertThat(content.isAtHand(new ByteRange(start, 2 * LENGTH + 1))).isFalse();
        assertThat(content.isAtHand(new ByteRange(start - 1, 2))).isFalse();

        content.close(false); // as when it is killed
        open();

        var block = new ByteRange(start, LENGTH);
        assertThat(content.isAtHand(block)).as("before it was hashed again").isFalse();
        assertThat(content.available(start)).isPositive();
        assertThat(content.isAtHand(block)).as("since it was hashed again").isTrue();
    }

    @Test
    void aBlockThatNobodyProvedWaitsUnread() throws IOException {
        assertThat(receive(2)).isEqualTo(Stored.STAGED);
        assertThat(content.readableBlocks().isEmpty()).isTrue();
        assertThat(content.available(2L * LENGTH)).isZero();
        assertThat(content.isStaged(2)).isTrue();

        assertThat(content.prove(2, block(2).sha256())).isEqualTo(Proven.PUBLISHED);
        assertThat(content.block(2)).contains(block(2));
        assertThat(content.available(2L * LENGTH)).isEqualTo(LENGTH);
    }

    @Test
    void bytesThatWaitedAndAreWrongAreNeverRead() throws IOException {
        assertThat(receiveWrong(2)).isEqualTo(Stored.STAGED);
        assertThat(content.prove(2, block(2).sha256())).isEqualTo(Proven.WRONG);
        assertThat(content.isStaged(2)).isFalse();
        assertThat(content.available(2L * LENGTH)).isZero();
        assertThat(receive(2)).isEqualTo(Stored.NEW);
    }

    @Test
    void bytesThatWaitAreNotWrittenOver() throws IOException {
        assertThat(receive(2)).isEqualTo(Stored.STAGED);
        assertThat(receiveWrong(2)).isEqualTo(Stored.HERE);
        assertThat(receive(2)).as("the same bytes").isEqualTo(Stored.STAGED);

        assertThat(content.prove(2, block(2).sha256())).isEqualTo(Proven.PUBLISHED);
        assertThat(Sha256.hash(ByteBuffer.wrap(Files.readAllBytes(directory.resolve("data")), 2 * LENGTH, LENGTH)))
                .isEqualTo(block(2).sha256());
        assertThat(receive(2)).isEqualTo(Stored.HERE);
    }

    @Test
    void aProofNeverMakesOtherBytesReadableThatAreBeingWritten() throws Exception {
        for (int number = 0; number < 16; number++) {
            receive(number);
        }
        var wrong = new CountDownLatch(1);
        try (var others = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int number = 0; number < 16; number++) {
                int block = number;
                others.submit(() -> {
                    wrong.await();
                    return receiveWrong(block);
                });
            }
            wrong.countDown();
            for (int number = 0; number < 16; number++) {
                content.prove(number, block(number).sha256());
            }
        }
        byte[] file = Files.readAllBytes(directory.resolve("data"));
        for (int number : content.readableBlocks().stream().toArray()) {
            assertThat(Sha256.hash(ByteBuffer.wrap(file, number * LENGTH, LENGTH)))
                    .as("block " + number)
                    .isEqualTo(block(number).sha256());
        }
    }

    @Test
    void whatWasNotProvenIsForgottenByARestart() throws IOException {
        receive(2);
        store(3);
        content.close(true);
        open();
        assertThat(content.readableBlocks().stream().toArray()).containsExactly(3);
    }

    @Test
    void twoDigestsForOneBlockContradict() throws IOException {
        store(2);
        assertThat(content.prove(2, block(3).sha256())).isEqualTo(Proven.CONTRADICTED);
        assertThat(content.prove(5, block(5).sha256())).isEqualTo(Proven.NOTED);
        assertThat(content.prove(5, block(6).sha256())).isEqualTo(Proven.CONTRADICTED);
        assertThat(content.prove(2, block(2).sha256())).isEqualTo(Proven.AGREES);
    }

    @Test
    void withoutProofsAPieceCountsWhenItsBlocksHaveItsMd5() throws IOException {
        content.note(piece(0), false);
        for (int number = 0; number < 15; number++) {
            assertThat(receive(number)).isEqualTo(Stored.STAGED);
        }
        assertThat(content.readableBlocks().isEmpty()).isTrue();
        assertThat(receive(15)).isEqualTo(Stored.NEW);
        assertThat(content.readableBlocks().cardinality()).isEqualTo(16);
        assertThat(content.pieces(0, 10)).containsExactly(piece(0));
    }

    @Test
    void withoutProofsAPieceCountsAlsoWhenItsMd5ComesLast() throws IOException {
        receive(16);
        receive(17);
        assertThat(content.readableBlocks().isEmpty()).isTrue();
        content.note(piece(1), false);
        assertThat(content.pieces(0, 10)).containsExactly(piece(1));
    }

    @Test
    void withoutProofsAPieceOfOtherBytesIsThrownAway() throws IOException {
        content.note(piece(1), false);
        assertThat(receiveWrong(16)).isEqualTo(Stored.STAGED);
        assertThatThrownBy(() -> receive(17))
                .isInstanceOfSatisfying(
                        WrongPiece.class, wrong -> assertThat(wrong.number()).isEqualTo(1));
        assertThat(content.readableBlocks().isEmpty()).isTrue();
        assertThat(content.isStaged(17)).isFalse();
        receive(16);
        receive(17);
        content.note(piece(1), false);
        assertThat(content.pieces(0, 10)).containsExactly(piece(1));
    }

    @Test
    void provenBlocksStayWhenTheRestOfTheirPieceIsThrownAway() throws IOException {
        store(16);
        content.note(piece(1), false);
        assertThatThrownBy(() -> receiveWrong(17)).isInstanceOf(WrongPiece.class);
        assertThat(content.readableBlocks().stream().toArray()).containsExactly(16);
    }

    @Test
    void anMd5ThatNobodySignedIsNotPassedOn() throws IOException {
        store(16);
        store(17);
        var lie = new Piece(1, piece(1).offset(), piece(1).length(), piece(0).md5());
        content.note(lie, false);
        assertThat(content.pieces(0, 10)).containsExactly(piece(1));
    }

    @Test
    void aPieceOfAParentIsHeldAgainstTheProofs() throws IOException {
        content.prove(3, block(4).sha256());
        try (var writer = ((Claim.Mine) content.claim(piece(0))).writer()) {
            writer.write(ByteBuffer.wrap(BYTES, 0, (int) piece(0).length()));
            assertThatThrownBy(() -> writer.commit(piece(0).md5())).isInstanceOf(WrongBlock.class);
        }
        assertThat(content.readableBlocks().isEmpty()).isTrue();
    }

    @Test
    void whatIsNotProvenIsForgottenWhenAskedFor() throws IOException {
        content.note(piece(1), false);
        receive(16);
        receive(17);
        store(3);
        content.forgetUnproven();
        assertThat(content.readableBlocks().stream().toArray()).containsExactly(3);
        assertThat(content.pieces(0, 10)).isEmpty();
    }

    @Test
    void keepsProofsOverARestartAndStopsAtATornOne() throws IOException {
        var first = Proofs.Proof.of(Proofs.Kind.WARRANT, List.of(), new byte[] {1, 2, 3});
        var second = Proofs.Proof.of(Proofs.Kind.BATCH, List.of(new BlockRange(0, 2)), new byte[] {4});
        content.add(first);
        content.add(second);
        content.add(first);
        content.proofs().whole();
        content.close(true);
        open();
        assertThat(content.proofs().from(0)).usingRecursiveComparison().isEqualTo(List.of(first, second));
        assertThat(content.proofs().from(1)).hasSize(1);
        assertThat(content.proofs().isWhole()).isTrue();

        content.close(true);
        Path file = directory.resolve("proofs");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 12));
        open();
        assertThat(content.proofs().from(0)).hasSize(1);
        assertThat(content.proofs().isWhole()).isFalse();
        content.add(second);
        content.close(true);
        open();
        assertThat(content.proofs().from(0)).hasSize(2);
    }

    @Test
    void noProofsOutliveTheirContent() throws IOException {
        content.add(Proofs.Proof.of(Proofs.Kind.WARRANT, List.of(), new byte[] {1}));
        content.drop();
        assertThat(directory).doesNotExist();
    }

    private void storeAll() throws IOException {
        for (int number = 0; number < BlockLength.count(BYTES.length, LENGTH); number++) {
            store(number);
        }
    }

    @Test
    void aBlockOfTheOriginIsReadableAtOnceAndCountsAsReadThere() throws IOException {
        assertThat(readAtOrigin(3)).isTrue();
        assertThat(content.block(3)).contains(block(3));
        assertThat(content.originBlocks().stream()).containsExactly(3);
        assertThat(readAtOrigin(3)).as("again").isFalse();
        assertThat(receive(3)).isEqualTo(Stored.HERE);
    }

    @Test
    void aBlockOfTheOriginReplacesBytesThatWaitForTheirProof() throws IOException {
        assertThat(receiveWrong(3)).isEqualTo(Stored.STAGED);
        assertThat(readAtOrigin(3)).isTrue();
        assertThat(content.isStaged(3)).isFalse();
        assertThat(content.block(3)).contains(block(3));
        assertThat(content.prove(3, block(3).sha256())).isEqualTo(Proven.AGREES);
    }

    @Test
    void aBlockOfTheOriginThatIsNotWhatWasProvenIsOtherContent() throws IOException {
        content.prove(3, block(4).sha256());
        assertThatThrownBy(() -> readAtOrigin(3))
                .isInstanceOf(CodedException.class)
                .hasMessageContaining("block 3 is another");
        assertThat(content.block(3)).isEmpty();
        assertThat(content.originBlocks().isEmpty()).isTrue();
    }

    @Test
    void theLastBlockOfTheOriginListsAPieceWhoseMd5IsSigned() throws IOException {
        content.note(piece(0), true);
        for (int number = 0; number < 15; number++) {
            store(number);
        }
        assertThat(readAtOrigin(15)).isTrue();
        assertThat(content.pieces(0, 10)).containsExactly(piece(0));
    }

    @Test
    void aPieceOfWhichNobodyToldTheMd5IsListedOnRequest() throws IOException {
        for (int number = 1; number < 16; number++) {
            store(number);
        }
        content.finishPiece(0);
        assertThat(content.pieces(0, 10)).isEmpty();
        readAtOrigin(0);
        content.finishPiece(0);
        content.finishPiece(0);
        content.finishPiece(7);
        assertThat(content.pieces(0, 10)).containsExactly(piece(0));
    }

    @Test
    void noBlockOfTheOriginIsWrittenWhereAPieceIs() throws IOException {
        try (var writer = ((Claim.Mine) content.claim(piece(0))).writer()) {
            assertThat(writer.number()).isZero();
            assertThat(readAtOrigin(3)).isFalse();
        }
        assertThat(readAtOrigin(3)).isTrue();
    }

    private boolean readAtOrigin(int number) throws IOException {
        Block block = block(number);
        return content.storeFromOrigin(
                Block.unclaimed(number, block.length()), ByteBuffer.wrap(BYTES, number * LENGTH, block.length()));
    }

    private Stored store(int number) throws IOException {
        content.prove(number, block(number).sha256());
        return receive(number);
    }

    /** As from a neighbour, before anybody has proven it. */
    private Stored receive(int number) throws IOException {
        Block block = block(number);
        return content.store(
                Block.unclaimed(number, block.length()), ByteBuffer.wrap(BYTES, number * LENGTH, block.length()));
    }

    private Stored receiveWrong(int number) throws IOException {
        Block block = block(number);
        return content.store(Block.unclaimed(number, block.length()), ByteBuffer.allocate(block.length()));
    }

    private static Block block(int number) {
        int length = Math.min(LENGTH, BYTES.length - number * LENGTH);
        return new Block(number, length, Sha256.hash(ByteBuffer.wrap(BYTES, number * LENGTH, length)));
    }

    private static Piece piece(int number) {
        long each = PieceLength.of(BYTES.length);
        long offset = number * each;
        long length = Math.min(each, BYTES.length - offset);
        var digest = Digest.Algorithm.MD5.newMessageDigest();
        digest.update(BYTES, (int) offset, (int) length);
        return new Piece(number, offset, length, Optional.of(Digest.md5(Digest.hex(digest.digest()))));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
