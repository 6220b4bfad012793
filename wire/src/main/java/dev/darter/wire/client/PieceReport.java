package dev.darter.wire.client;

import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import java.time.Duration;
import java.util.Optional;

/**
 * What became of one piece, or of one parent.
 *
 * @param parentId whom it came from; empty text for the origin
 * @param piece empty when the report is about the parent as such
 * @param beginNanos Unix nanoseconds
 * @param endNanos Unix nanoseconds
 * @param code SUCCESS when the piece is here
 * @param finishedBefore pieces that were finished before this one
 * @param lie how the parent was found to send what it must know to be wrong; empty text when it was not
 */
public record PieceReport(
        String parentId,
        Optional<Piece> piece,
        long beginNanos,
        long endNanos,
        ErrorCode code,
        int finishedBefore,
        Duration cost,
        String lie) {
    public PieceReport(
            String parentId,
            Optional<Piece> piece,
            long beginNanos,
            long endNanos,
            ErrorCode code,
            int finishedBefore,
            Duration cost) {
        this(parentId, piece, beginNanos, endNanos, code, finishedBefore, cost, "");
    }
}
