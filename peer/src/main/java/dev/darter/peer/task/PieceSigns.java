package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.PieceDigests;
import dev.darter.peer.storage.TaskContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks what parents sign of all piece digests together. Each piece was checked against its own digest; the sign tells
 * whether the pieces belong together. Used by one thread.
 */
final class PieceSigns {
    private final TaskContent content;
    private final Map<Integer, String> announced = new HashMap<>();
    private Optional<String> sign = Optional.empty();

    PieceSigns(TaskContent content) {
        this.content = content;
    }

    /** The first sign that any parent gives counts. */
    void hear(String told) {
        if (sign.isEmpty() && !told.isEmpty()) {
            sign = Optional.of(told);
        }
    }

    /** The piece is here, and this is what its parent announced. */
    void fetched(Piece piece) {
        announced.put(piece.number(), md5(piece));
    }

    boolean isKnown() {
        return sign.isPresent();
    }

    /**
     * Checks all pieces; they must be here.
     *
     * @throws CodedException CLIENT_ERROR if the sign is another one
     */
    void check() {
        if (sign.isEmpty()) {
            return;
        }
        List<String> ours = new ArrayList<>();
        List<String> theirs = new ArrayList<>();
        for (Piece piece : content.pieces(0, Integer.MAX_VALUE)) {
            ours.add(md5(piece));
            // A v2.1.28 peer that got tiny content inside its registration has no digest of it, and signs that.
            theirs.add(announced.getOrDefault(piece.number(), md5(piece)));
        }
        if (!sign.get().equals(PieceDigests.sign(ours)) && !sign.get().equals(PieceDigests.sign(theirs))) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece digests: " + PieceDigests.sign(ours) + " (expected: " + sign.get()
                            + ", as the parents say)");
        }
    }

    private static String md5(Piece piece) {
        return piece.md5().map(Digest::hex).orElse("");
    }
}
