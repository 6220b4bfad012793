package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.BlockLength;
import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.peer.storage.TaskContent.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart finds, after a clean stop and after none, and who may write meanwhile. */
class LedgerTest {
    private static final int BLOCK = BlockLength.SMALL;
    private static final int LENGTH = 2 * BLOCK + 100;
    private static final Piece ONLY = new Piece(0, 0, LENGTH, Optional.of(Digest.md5("0123456789abcdef".repeat(2))));

    @TempDir
    private Path directory;

    private final DiskPool disk = new DiskPool();
    private DataFile data;
    private Ledger ledger;
    private SecondLook secondLook;
    private Claims claims;

    @BeforeEach
    void open() throws IOException {
        data = DataFile.open(directory.resolve("data"), disk);
        ledger = Ledger.open(directory.resolve("journal"), data);
        secondLook = new SecondLook(ledger, data);
        claims = new Claims(ledger, data);
    }

    @AfterEach
    void close() throws IOException {
        stop(false);
        disk.close();
    }

    @Test
    void findsEverythingAgainAfterACleanStop() throws IOException {
        land();
        ledger.complete(LENGTH, (pieces, header) -> {
            assertThat(pieces).containsExactly(ONLY);
            assertThat(header).containsEntry("Etag", "1");
        });
        restart(true);

        assertThat(ledger.state()).isEqualTo(State.COMPLETE);
        assertThat(ledger.layout()).isEqualTo(new Layout(LENGTH, BLOCK, PieceLength.of(LENGTH)));
        assertThat(ledger.header()).containsEntry("Etag", "1");
        assertThat(ledger.pieces(0, 10)).containsExactly(ONLY);
        assertThat(ledger.readableBytes()).isEqualTo(LENGTH);
        assertThat(secondLook.isAtHand(new ByteRange(0, LENGTH))).isTrue();
    }

    @Test
    void publishesNoneOfSeveralBlocksWhenOneIsNotWhatIsProven() throws IOException {
        ledger.describe(OptionalLong.of(LENGTH), Map.of());
        ledger.cut(PieceLength.of(LENGTH));
        new Arrivals(ledger, claims, data).prove(1, new Sha256(1, 1, 1, 1));
        var both = List.of(
                new Journal.Entry.Block(0, BLOCK, new Sha256(2, 2, 2, 2)),
                new Journal.Entry.Block(1, BLOCK, new Sha256(2, 2, 2, 2)));
        assertThatThrownBy(() -> ledger.publish(both)).isInstanceOf(WrongBlock.class);
        assertThat(ledger.block(0)).isEmpty();
        assertThat(ledger.block(1)).isEmpty();
    }

    @Test
    void looksASecondTimeAtWhatAnUncleanStopLeft() throws IOException {
        land();
        ledger.complete(LENGTH, (_, _) -> {});
        restart(false);

        assertThat(secondLook.isAtHand(new ByteRange(0, 1))).isFalse();
        assertThat(secondLook.verify()).isTrue();
        assertThat(secondLook.isAtHand(new ByteRange(0, LENGTH))).isTrue();
    }

    @Test
    void aBlockThatIsDamagedIsMissingAndItsPieceToo() throws IOException {
        land();
        ledger.complete(LENGTH, (_, _) -> {});
        stop(false);
        open();
        data.write(ByteBuffer.allocate(BLOCK), BLOCK, () -> {});

        assertThat(secondLook.available(0)).as("up to the first doubtful block").isEqualTo(BLOCK);
        assertThat(secondLook.verify()).isFalse();
        assertThat(ledger.block(0)).isPresent();
        assertThat(ledger.block(1)).isEmpty();
        assertThat(ledger.pieces(0, 10)).isEmpty();
        assertThat(ledger.state()).isEqualTo(State.PARTIAL);
    }

    @Test
    void aCleanStopDoesNotVouchForABlockThatWasFoundDamaged() throws IOException {
        land();
        ledger.complete(LENGTH, (_, _) -> {});
        restart(false);
        data.write(ByteBuffer.allocate(100), 2 * BLOCK, () -> {});
        assertThat(secondLook.verify()).isFalse();
        restart(true);

        assertThat(secondLook.isAtHand(new ByteRange(2 * BLOCK, 1))).isFalse();
        assertThat(secondLook.verify()).isFalse();
        assertThat(ledger.block(2)).isEmpty();
    }

    @Test
    void aCleanStopVouchesForABlockThatCameAnew() throws IOException {
        land();
        restart(false);
        data.write(ByteBuffer.allocate(100), 2 * BLOCK, () -> {});
        assertThat(secondLook.verify()).isFalse();
        land(2);
        assertThat(secondLook.available(0)).isEqualTo(LENGTH);
        restart(true);
        assertThat(secondLook.isAtHand(new ByteRange(0, LENGTH))).isTrue();
    }

    @Test
    void blocksBehindTheEndOfTheFileAreMissing() throws IOException {
        land();
        data.shrink(2 * BLOCK + 99);
        restart(true);
        assertThat(ledger.block(1)).isPresent();
        assertThat(ledger.block(2)).isEmpty();
    }

    @Test
    void listsNoPieceThatCannotBeRead() throws IOException {
        describe();
        land(0);
        land(2);
        assertThatThrownBy(() -> ledger.publish(ONLY)).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> ledger.complete(LENGTH, (_, _) -> {})).isInstanceOf(CodedException.class);
        assertThat(ledger.pieces(0, 10)).isEmpty();
    }

    @Test
    void failureIsTheAnswerToWhoeverWantsToWrite() throws IOException {
        describe();
        var cause = new CodedException(ErrorCode.CLIENT_ERROR, "over");
        ledger.fail(cause);
        assertThatThrownBy(() -> claims.claim(ONLY)).isSameAs(cause);
        assertThatThrownBy(() -> ledger.complete(LENGTH, (_, _) -> {})).isSameAs(cause);
        assertThat(secondLook.available(0)).isZero();
    }

    @Test
    void aChangeWakesWhoeverWaits() throws Exception {
        long seen = ledger.version();
        assertThat(ledger.awaitChange(seen, Duration.ofNanos(1))).isEqualTo(seen);
        var waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return ledger.awaitChange(seen, Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        ledger.change();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(seen + 1);
    }

    @Test
    void aPieceAndABlockOfItAreNeverWrittenAtOnce() throws Exception {
        describe();
        assertThat(claims.take(1)).isTrue();
        assertThat(claims.take(1)).as("twice").isFalse();
        var pending = ((Claim.InFlight) claims.claim(ONLY)).download();
        assertThat(pending.await(Duration.ZERO)).isFalse();
        claims.giveBack(1);
        assertThat(pending.await(Duration.ZERO)).isTrue();

        try (var writer = ((Claim.Mine) claims.claim(ONLY)).writer()) {
            assertThat(writer.length()).isEqualTo(LENGTH);
            assertThat(claims.take(1)).as("while the piece is written").isFalse();
            assertThat(claims.isAnyPieceClaimed()).isTrue();
            pending = ((Claim.InFlight) claims.claim(ONLY)).download();
            assertThat(pending.await(Duration.ZERO)).isFalse();
        }
        assertThat(pending.await(Duration.ZERO)).isTrue();
        assertThat(claims.isAnyPieceClaimed()).isFalse();
        land(1);
        assertThat(claims.take(1)).as("once it is readable").isFalse();
    }

    private void land() throws IOException {
        describe();
        land(0);
        land(1);
        land(2);
        ledger.publish(ONLY);
    }

    private void describe() throws IOException {
        ledger.describe(OptionalLong.of(LENGTH), Map.of("Etag", "1"));
        ledger.cut(PieceLength.of(LENGTH));
    }

    private void land(int block) throws IOException {
        int length = ledger.layout().lengthOf(block);
        byte[] bytes = new byte[length];
        bytes[0] = (byte) (block + 1);
        data.write(ByteBuffer.wrap(bytes), ledger.layout().start(block), () -> {});
        ledger.publish(List.of(new Journal.Entry.Block(block, length, Sha256.hash(ByteBuffer.wrap(bytes)))));
    }

    private void restart(boolean clean) throws IOException {
        stop(clean);
        open();
    }

    private void stop(boolean clean) throws IOException {
        ledger.close(clean);
        data.close();
    }
}
