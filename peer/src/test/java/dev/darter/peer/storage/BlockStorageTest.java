package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
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
        content.note(piece(0));
        for (int number = 1; number < 16; number++) {
            assertThat(store(number)).isTrue();
        }
        assertThat(content.pieces(0, 10)).isEmpty();
        assertThat(content.readableBlocks().cardinality()).isEqualTo(15);
        assertThat(content.block(3)).contains(block(3));
        assertThat(content.block(0)).isEmpty();

        assertThat(store(0)).isTrue();
        assertThat(content.pieces(0, 10)).containsExactly(piece(0));
    }

    @Test
    void aPieceIsListedWhenItsDigestBecomesKnownAfterItsBlocks() throws IOException {
        store(16);
        store(17);
        assertThat(content.pieces(0, 10)).isEmpty();
        content.note(piece(1));
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
        assertThat(store(2)).isTrue();
    }

    @Test
    void aBlockThatIsHereIsNotWrittenAgain() throws IOException {
        assertThat(store(2)).isTrue();
        assertThat(store(2)).isFalse();
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
            assertThat(store(5)).isFalse(); // the writer is at work there
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

    private void storeAll() throws IOException {
        for (int number = 0; number < BlockLength.count(BYTES.length, LENGTH); number++) {
            store(number);
        }
    }

    private boolean store(int number) throws IOException {
        Block block = block(number);
        return content.store(block, ByteBuffer.wrap(BYTES, number * LENGTH, block.length()));
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
