package dev.darter.peer.storage;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.PieceLength;
import java.util.Optional;

/**
 * How content is cut, as far as it is known, and everything that follows from that alone. What came from outside is held against it here.
 *
 * @param length bytes of the content; -1 while unknown
 * @param blockLength bytes of every block but the last; 0 until the first block or piece fixes it
 * @param pieceLength bytes of every piece but the last, a multiple of the block length; 0 until fixed with it
 */
record Layout(long length, int blockLength, long pieceLength) {
    static final Layout UNKNOWN = new Layout(-1, 0, 0);

    boolean isLengthKnown() {
        return length >= 0;
    }

    boolean isCut() {
        return pieceLength > 0;
    }

    /** @throws CodedException CLIENT_ERROR if another length was known */
    Layout withLength(long newLength) {
        if (isLengthKnown()) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "content length: " + newLength + " (expected: " + length + ", as it was before)");
        }
        return new Layout(newLength, blockLength, pieceLength);
    }

    /** @throws CodedException CLIENT_ERROR if the pieces would not be whole runs of blocks */
    Layout cutInto(long newPieceLength) {
        int newBlockLength = BlockLength.of(length);
        if (newPieceLength <= 0 || newPieceLength % newBlockLength != 0) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece length: " + newPieceLength + " (expected: a multiple of " + newBlockLength + ")");
        }
        return new Layout(length, newBlockLength, newPieceLength);
    }

    /** What one announced piece says of the length of all. */
    long pieceLengthBy(Piece announced) {
        if (announced.number() > 0) {
            return announced.offset() / announced.number();
        }
        boolean onlyOne = isLengthKnown() && announced.length() == length;
        return onlyOne ? PieceLength.of(length) : announced.length();
    }

    /** Pieces of content whose length is known. */
    int pieces() {
        long each = isCut() ? pieceLength : PieceLength.of(length);
        return Math.toIntExact(Math.ceilDiv(length, each));
    }

    /** Number of the block after the last; the highest there can be while the length is unknown. */
    int blocks() {
        return isLengthKnown() ? BlockLength.count(length, blockLength) : Integer.MAX_VALUE;
    }

    /** The bounds of a piece; of full length while that of the content is unknown. */
    Piece piece(int number) {
        long offset = number * pieceLength;
        long bytes = isLengthKnown() ? Math.min(pieceLength, length - offset) : pieceLength;
        return new Piece(number, offset, bytes, Optional.empty());
    }

    int pieceOf(int block) {
        return (int) (start(block) / pieceLength);
    }

    int firstBlock(Piece piece) {
        return blockAt(piece.offset());
    }

    /** Number of the block after the piece's last. */
    int endBlock(Piece piece) {
        return (int) Math.ceilDiv(piece.end(), blockLength);
    }

    int blockAt(long position) {
        return (int) (position / blockLength);
    }

    long start(int block) {
        return (long) block * blockLength;
    }

    int lengthOf(int block) {
        return (int) (isLengthKnown() ? Math.min(blockLength, length - start(block)) : blockLength);
    }

    /** End of the block before {@code block}, within the content. */
    long bytesUpTo(int block) {
        return isLengthKnown() ? Math.min(start(block), length) : start(block);
    }

    /** @throws CodedException CLIENT_ERROR unless {@code announced} is one of our pieces, as long as it must be */
    void checkIsPiece(Piece announced) {
        long end = isLengthKnown() ? Math.min(length, announced.offset() + pieceLength) : announced.end();
        boolean fits = announced.offset() == announced.number() * pieceLength
                && announced.length() > 0
                && announced.length() <= pieceLength
                && announced.end() == end;
        if (!fits) {
            throw refuse(announced);
        }
    }

    /** @throws CodedException CLIENT_ERROR unless {@code announced} lies where one of our pieces does; it may be shorter */
    void checkIsWithinPiece(Piece announced) {
        boolean fits = isCut()
                && announced.offset() == announced.number() * pieceLength
                && announced.length() <= pieceLength
                && (!isLengthKnown() || announced.end() <= length);
        if (!fits) {
            throw refuse(announced);
        }
    }

    private CodedException refuse(Piece announced) {
        return new CodedException(
                ErrorCode.CLIENT_ERROR,
                "piece " + announced.number() + ": bytes " + announced.offset() + ".." + announced.end()
                        + " (expected: pieces of " + pieceLength + " in content of " + length + ")");
    }

    /** @throws CodedException CLIENT_ERROR if {@code bytes} are not as many as such a block has, or there is none */
    void checkIsBlock(Block block, int bytes) {
        boolean fits = blockLength > 0
                && bytes == block.length()
                && (!isLengthKnown() || (start(block.number()) < length && bytes == lengthOf(block.number())));
        if (!fits) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "block " + block.number() + ": " + bytes + " bytes (expected: a block of content of " + length
                            + ")");
        }
    }

    /** @throws CodedException CLIENT_ERROR if others have cut it otherwise */
    void checkIsCutInto(int blocks, long pieces) {
        if (blocks != blockLength || pieces != pieceLength) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "blocks of " + blocks + " in pieces of " + pieces + " (expected: " + blockLength + " in "
                            + pieceLength + ", as here)");
        }
    }
}
