package dev.darter.peer.task;

import dev.darter.core.BlockLength;
import dev.darter.core.Piece;
import dev.darter.peer.storage.TaskContent;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pieces of an unsigned task that had not the MD5 that was told of them. The blocks came from several neighbours and the MD5 from yet another, so
 * nobody is to blame: such a piece is asked for once more of one neighbour alone, and held against what that one says of it. If it is wrong again,
 * the neighbour contradicts itself. Used by the download's thread alone.
 */
final class DoubtfulPieces {
    private final Map<Integer, Optional<MeshLink>> pieces = new HashMap<>();

    boolean contains(int piece) {
        return pieces.containsKey(piece);
    }

    /**
     * A piece was wrong.
     *
     * @param gave who gave blocks of it
     * @return who contradicted himself
     */
    Optional<MeshLink> add(int piece, Set<MeshLink> gave) {
        Optional<MeshLink> asked = pieces.getOrDefault(piece, Optional.empty());
        pieces.put(piece, Optional.empty());
        return asked.filter(link -> gave.equals(Set.of(link)));
    }

    /** Its pieces are asked of others. */
    void left(MeshLink link) {
        pieces.replaceAll((_, asked) -> asked.filter(other -> other != link));
    }

    /** Tells of blocks from one number to before another. */
    interface Fetches {
        boolean runFor(int first, int end);
    }

    /**
     * Finds a neighbour for each piece that has none.
     *
     * @param fetches whether any of these blocks are still on their way from somebody: then it is too early
     * @return what those neighbours say of the pieces
     */
    List<Piece> assign(List<MeshLink> links, TaskContent content, Fetches fetches) {
        if (pieces.isEmpty()) {
            return List.of();
        }
        content.pieces(0, Integer.MAX_VALUE).forEach(piece -> pieces.remove(piece.number()));
        var told = new ArrayList<Piece>();
        for (Map.Entry<Integer, Optional<MeshLink>> entry : pieces.entrySet()) {
            if (entry.getValue().isPresent()) {
                continue;
            }
            int first = first(entry.getKey(), content);
            int end = end(entry.getKey(), content);
            if (fetches.runFor(first, end)) {
                continue;
            }
            Optional<MeshLink> link = links.stream()
                    .filter(one -> one.pieces().containsKey(entry.getKey())
                            && one.blocks().nextClearBit(first) >= end)
                    .findFirst();
            if (link.isPresent()) {
                entry.setValue(link);
                told.add(link.get().pieces().get(entry.getKey()));
            }
        }
        return told;
    }

    /** What a neighbour may be asked for: not for pieces that another one is asked for alone. */
    BitSet offeredBy(MeshLink link, TaskContent content) {
        if (pieces.isEmpty()) {
            return link.blocks();
        }
        BitSet offered = (BitSet) link.blocks().clone();
        pieces.forEach((piece, asked) -> {
            if (!asked.equals(Optional.of(link))) {
                offered.clear(first(piece, content), end(piece, content));
            }
        });
        return offered;
    }

    int first(int piece, TaskContent content) {
        return content.blockLength() == 0 ? 0 : (int) (piece * content.pieceLength() / content.blockLength());
    }

    /** Behind the last block. */
    int end(int piece, TaskContent content) {
        int end = (int) ((piece + 1) * content.pieceLength() / content.blockLength());
        return content.length().isPresent()
                ? Math.min(end, BlockLength.count(content.length().getAsLong(), content.blockLength()))
                : end;
    }
}
