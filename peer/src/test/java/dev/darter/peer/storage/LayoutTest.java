package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static final int BLOCK = BlockLength.SMALL;
    private static final long PIECE = PieceLength.of(0);

    /** A whole piece, and one of a block and a bit. */
    private static final Layout TWO =
            Layout.UNKNOWN.withLength(PIECE + BLOCK + 10).cutInto(PIECE);

    private static final Layout ENDLESS = Layout.UNKNOWN.cutInto(PIECE);

    @Test
    void theLastOfEachIsShorter() {
        assertThat(TWO.pieces()).isEqualTo(2);
        assertThat(TWO.blocks()).isEqualTo(18);
        assertThat(TWO.piece(0)).isEqualTo(piece(0, 0, PIECE));
        assertThat(TWO.piece(1)).isEqualTo(piece(1, PIECE, BLOCK + 10));
        assertThat(TWO.lengthOf(16)).isEqualTo(BLOCK);
        assertThat(TWO.lengthOf(17)).isEqualTo(10);
        assertThat(TWO.bytesUpTo(17)).isEqualTo(17L * BLOCK);
        assertThat(TWO.bytesUpTo(18)).isEqualTo(TWO.length());
    }

    @Test
    void everythingIsOfFullLengthWhileThatOfTheContentIsUnknown() {
        assertThat(ENDLESS.piece(7)).isEqualTo(piece(7, 7 * PIECE, PIECE));
        assertThat(ENDLESS.lengthOf(99)).isEqualTo(BLOCK);
        assertThat(ENDLESS.blocks()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aPieceIsAWholeRunOfBlocks() {
        assertThat(TWO.firstBlock(TWO.piece(1))).isEqualTo(16);
        assertThat(TWO.endBlock(TWO.piece(0))).isEqualTo(16);
        assertThat(TWO.endBlock(TWO.piece(1))).isEqualTo(18);
        assertThat(TWO.pieceOf(15)).isZero();
        assertThat(TWO.pieceOf(16)).isEqualTo(1);
        assertThatThrownBy(() -> Layout.UNKNOWN.cutInto(PIECE + 1)).isInstanceOf(CodedException.class);
    }

    @Test
    void anAnnouncedPieceTellsHowAllAreCut() {
        Layout uncut = Layout.UNKNOWN;
        assertThat(uncut.pieceLengthBy(piece(3, 3 * PIECE, 5))).isEqualTo(PIECE);
        assertThat(uncut.pieceLengthBy(piece(0, 0, PIECE))).isEqualTo(PIECE);
        assertThat(uncut.withLength(100).pieceLengthBy(piece(0, 0, 100)))
                .as("the only piece is no measure")
                .isEqualTo(PIECE);
    }

    @Test
    void refusesALengthThatContradicts() {
        assertThatThrownBy(() -> TWO.withLength(1)).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> TWO.checkIsCutInto(BLOCK, 2 * PIECE)).isInstanceOf(CodedException.class);
        assertThatCode(() -> TWO.checkIsCutInto(BLOCK, PIECE)).doesNotThrowAnyException();
    }

    @Test
    void refusesPiecesThatLieElsewhere() {
        assertThatCode(() -> TWO.checkIsPiece(TWO.piece(1))).doesNotThrowAnyException();
        assertThatThrownBy(() -> TWO.checkIsPiece(piece(1, PIECE, BLOCK))).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> TWO.checkIsPiece(piece(1, BLOCK, BLOCK))).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> TWO.checkIsPiece(piece(2, 2 * PIECE, 1))).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> ENDLESS.checkIsPiece(piece(2, 2 * PIECE, 0))).isInstanceOf(CodedException.class);
        assertThatCode(() -> ENDLESS.checkIsPiece(piece(2, 2 * PIECE, 1))).doesNotThrowAnyException();
        assertThatThrownBy(() -> TWO.checkIsWithinPiece(piece(1, PIECE, PIECE))).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> Layout.UNKNOWN.checkIsWithinPiece(piece(0, 0, 1)))
                .as("nobody knows yet how it is cut")
                .isInstanceOf(CodedException.class);
    }

    @Test
    void refusesBlocksOfOtherLengths() {
        assertThatCode(() -> TWO.checkIsBlock(Block.unclaimed(17, 10), 10)).doesNotThrowAnyException();
        assertThatThrownBy(() -> TWO.checkIsBlock(Block.unclaimed(17, 11), 11)).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> TWO.checkIsBlock(Block.unclaimed(17, 10), 11)).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> TWO.checkIsBlock(Block.unclaimed(18, 10), 10)).isInstanceOf(CodedException.class);
        assertThatThrownBy(() -> Layout.UNKNOWN.checkIsBlock(Block.unclaimed(0, 10), 10))
                .isInstanceOf(CodedException.class);
    }

    private static Piece piece(int number, long offset, long length) {
        return new Piece(number, offset, length, Optional.empty());
    }
}
