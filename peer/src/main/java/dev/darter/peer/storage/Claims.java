package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Piece;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who may write where in one content's file: each byte has one writer at most, and none once it is readable. Nor has one
 * whose block waits for its proof, which may come while it is written over: unless a whole piece is claimed, and then it waits no more. A piece is claimed by one
 * writer, who leaves alone what is readable of it; a block of another peer is taken only where no piece is claimed, and no piece can be
 * claimed until it is given back.
 *
 * <p>Any thread may call it; the {@link Ledger}'s monitor guards its state, so that what is claimed and what is here are seen together.
 */
final class Claims {
    private final Ledger ledger;
    private final DataFile data;

    /** By piece. */
    @GuardedBy("ledger")
    private final Map<Integer, DiskPieceWriter> writers = new HashMap<>();

    /** Single blocks that are being written. */
    @GuardedBy("ledger")
    private final BitSet taken = new BitSet();

    Claims(Ledger ledger, DataFile data) {
        this.ledger = ledger;
        this.data = data;
    }

    /** @param bounds of a piece of content that is cut, as it should be */
    Claim claim(Piece bounds) {
        synchronized (ledger) {
            ledger.checkNotFailed();
            Optional<Piece> whole = ledger.piece(bounds.number());
            if (whole.isPresent()) {
                return new Claim.Stored(whole.get());
            }
            DiskPieceWriter other = writers.get(bounds.number());
            if (other != null) {
                return new Claim.InFlight(timeout -> ledger.await(() -> hasEnded(other), timeout));
            }
            int first = ledger.layout().firstBlock(bounds);
            int end = ledger.layout().endBlock(bounds);
            if (!areFree(first, end)) {
                return new Claim.InFlight(timeout -> ledger.await(() -> areFree(first, end), timeout));
            }
            ledger.blocks().unstage(first, end); // the writer writes over them
            var writer = new DiskPieceWriter(
                    this, ledger, data, bounds, ledger.blocks().readable());
            writers.put(bounds.number(), writer);
            return new Claim.Mine(writer);
        }
    }

    private boolean hasEnded(DiskPieceWriter writer) {
        synchronized (ledger) {
            return writers.get(writer.number()) != writer;
        }
    }

    private boolean areFree(int first, int end) {
        synchronized (ledger) {
            int next = taken.nextSetBit(first);
            return next < 0 || next >= end;
        }
    }

    /** A writer is done, well or not; its claim is free again. */
    void release(DiskPieceWriter writer) {
        synchronized (ledger) {
            if (writers.remove(writer.number(), writer)) {
                ledger.change();
            }
        }
    }

    /** Takes one block to write it; not if it is readable or waits for its proof, or somebody else is at work there. */
    boolean take(int block) {
        synchronized (ledger) {
            boolean busy = ledger.blocks().isReadable(block)
                    || ledger.blocks().staged(block).isPresent()
                    || taken.get(block)
                    || writers.containsKey(ledger.layout().pieceOf(block));
            if (!busy) {
                taken.set(block);
            }
            return !busy;
        }
    }

    /** As {@link #take}, for the bytes of the origin itself: what waits for its proof there waits no more. */
    boolean takeForOrigin(int block) {
        synchronized (ledger) {
            boolean busy = ledger.blocks().isReadable(block)
                    || taken.get(block)
                    || writers.containsKey(ledger.layout().pieceOf(block));
            if (!busy) {
                ledger.blocks().unstage(block, block + 1);
                taken.set(block);
            }
            return !busy;
        }
    }

    void giveBack(int block) {
        synchronized (ledger) {
            taken.clear(block);
            ledger.change();
        }
    }

    boolean isAnyPieceClaimed() {
        synchronized (ledger) {
            return !writers.isEmpty();
        }
    }
}
