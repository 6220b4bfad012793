package dev.darter.peer.storage;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;

/** A piece that came block by block and has not the MD5 that was told of it: one of those who gave, or the one who told, is wrong. */
public final class WrongPiece extends CodedException {
    private static final long serialVersionUID = 1L;

    private final int number;

    WrongPiece(Piece piece, Digest actual) {
        super(
                ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                "piece " + piece.number() + ": " + actual + " (expected: "
                        + piece.md5().map(Digest::toString).orElse("any") + ")");
        this.number = piece.number();
    }

    public int number() {
        return number;
    }
}
