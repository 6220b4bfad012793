package dev.darter.peer.task;

import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.Choice;
import dev.darter.peer.choice.Offer;
import dev.darter.peer.choice.PieceChoice;
import dev.darter.peer.choice.SeedTurns;
import dev.darter.peer.storage.TaskContent;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a download asks parents of v2.1.28 for, which give whole pieces, beside a mesh that brings blocks. Used by the download's thread
 * alone.
 */
final class PieceAsking {
    private static final int MOST_IN_FLIGHT = 4;

    private final TaskContent content;
    private final Parents parents;
    private final Fetches fetches;
    private final Mesh mesh;
    private final BitSet stored;
    private final SeedTurns turns;
    private final PieceChoice choice = new PieceChoice(MOST_IN_FLIGHT, ThreadLocalRandom.current());

    /** A piece to ask a parent for. */
    record Request(ParentLink parent, Piece piece) {}

    /** @param stored pieces that are here; changes */
    PieceAsking(TaskContent content, PeerId me, Parents parents, Fetches fetches, Mesh mesh, BitSet stored) {
        this.content = content;
        this.parents = parents;
        this.fetches = fetches;
        this.mesh = mesh;
        this.stored = stored;
        this.turns = new SeedTurns(me.value());
    }

    /** The next request, if any may be sent now. */
    Optional<Request> next(long now) {
        BitSet missing = parents.announced();
        missing.andNot(stored);
        missing.andNot(fetches.numbers());
        leavePiecesToTheMesh(missing);
        leaveTheUnproven(missing);
        List<Offer> offers = sparingSeeds(missing, parents.offers(now), now);
        Optional<Choice> chosen = choice.next(missing, awaitedPieces(), offers);
        return chosen.map(next -> {
            ParentLink link = parents.get(next.parent());
            return new Request(link, link.piece(next.piece()));
        });
    }

    /** Nanoseconds until {@link #next} may say something else by the clock alone. */
    long nanosToWait(long now) {
        return turns.left(now);
    }

    /** What parents have to give, without what siblings bring from a seed. */
    private List<Offer> sparingSeeds(BitSet missing, List<Offer> offers, long now) {
        if (mesh.isEmpty() || content.blockLength() == 0 || offers.stream().noneMatch(Offer::seed)) {
            return offers;
        }
        BitSet spared = turns.spared(missing, offers, mesh.siblings(blocksInPiece()), now);
        return offers.stream()
                .map(offer -> offer.seed() ? offer.without(spared) : offer)
                .toList();
    }

    /** Pieces that readers in order will stop at, those first whom they miss first. */
    private List<Integer> awaitedPieces() {
        List<Integer> blocks = content.awaitedBlocks(BlockChoice.URGENT_PER_READER);
        return blocks.isEmpty()
                ? blocks
                : blocks.stream()
                        .map(block -> block / blocksInPiece())
                        .distinct()
                        .toList();
    }

    /** A piece that has begun to come block by block is not fetched as a whole too, as long as there is another. */
    private void leavePiecesToTheMesh(BitSet missing) {
        if (mesh.isEmpty() || content.blockLength() == 0) {
            return;
        }
        int blocks = blocksInPiece();
        for (int piece = missing.nextSetBit(0); piece >= 0; piece = missing.nextSetBit(piece + 1)) {
            if (mesh.touches(piece * blocks, (piece + 1) * blocks)) {
                missing.clear(piece);
            }
        }
    }

    private int blocksInPiece() {
        return (int) (content.pieceLength() / content.blockLength());
    }

    /** Where neighbours have proofs, a piece of a parent who has none waits for them: storage then checks it block by block. */
    private void leaveTheUnproven(BitSet missing) {
        if (mesh.isEmpty() || !mesh.isStrict()) {
            return;
        }
        BitSet proven = content.provenBlocks();
        for (int piece = missing.nextSetBit(0); piece >= 0; piece = missing.nextSetBit(piece + 1)) {
            int first = mesh.firstBlock(piece);
            if (content.blockLength() == 0 || proven.nextClearBit(first) < mesh.endBlock(piece)) {
                missing.clear(piece);
            }
        }
    }
}
