package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.Digest;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.peer.storage.TaskContent.Proven;
import dev.darter.peer.storage.TaskContent.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Blocks that come from other peers, and what is told of them; either may come first. Nobody reads a block before somebody has said what it
 * is who may: a signed list its SHA-256, or, where nothing is signed, a parent the MD5 of the piece, and then the whole piece must agree.
 * Until then its bytes are staged.
 *
 * <p>Any thread may call it; the {@link Ledger}'s monitor guards its state. Bytes are written and hashed without it, so whatever was true
 * before is asked again after.
 */
final class Arrivals {
    private final Ledger ledger;
    private final Claims claims;
    private final DataFile data;

    /** Pieces whose MD5 others told, not all of whose blocks are here yet. */
    @GuardedBy("ledger")
    private final Map<Integer, Piece> noted = new HashMap<>();

    /** As {@link #noted}, where a reader of the origin signed it. */
    @GuardedBy("ledger")
    private final Map<Integer, Piece> signed = new HashMap<>();

    /** Pieces that are being held against what others say of them. */
    @GuardedBy("ledger")
    private final BitSet settling = new BitSet();

    Arrivals(Ledger ledger, Claims claims, DataFile data) {
        this.ledger = ledger;
        this.claims = claims;
        this.data = data;
    }

    /** As {@link TaskContent#store}. */
    Stored store(Block block, ByteBuffer bytes) throws IOException {
        Layout layout;
        Optional<Sha256> expected;
        boolean mine;
        synchronized (ledger) {
            ledger.checkNotFailed();
            layout = ledger.layout();
            layout.checkIsBlock(block, bytes.remaining());
            mine = claims.take(block.number());
            expected = ledger.blocks().proven(block.number());
        }
        return mine ? write(block, bytes, layout, expected) : again(block, bytes);
    }

    /** As {@link TaskContent#storeFromOrigin}. */
    boolean storeFromOrigin(Block block, ByteBuffer bytes) throws IOException {
        Layout layout;
        synchronized (ledger) {
            ledger.checkNotFailed();
            layout = ledger.layout();
            layout.checkIsBlock(block, bytes.remaining());
            if (!claims.takeForOrigin(block.number())) {
                return false;
            }
        }
        try {
            Sha256 actual = data.writeChecked(bytes, layout.start(block.number()), _ -> {});
            ledger.publishFromOrigin(new Journal.Entry.Block(block.number(), block.length(), actual));
            listIfSigned(layout.pieceOf(block.number()));
            return true;
        } finally {
            claims.giveBack(block.number());
        }
    }

    /** The same bytes as those that wait wait with them; others never replace them, since a proof may come at any time. */
    private Stored again(Block block, ByteBuffer bytes) throws IOException {
        synchronized (ledger) {
            if (ledger.blocks().staged(block.number()).isEmpty()) {
                return Stored.HERE;
            }
        }
        Sha256 actual = data.hash(bytes);
        synchronized (ledger) {
            boolean same = ledger.blocks().staged(block.number()).equals(Optional.of(actual));
            return same ? Stored.STAGED : Stored.HERE;
        }
    }

    /** @param expected what was proven when the block was taken */
    private Stored write(Block block, ByteBuffer bytes, Layout layout, Optional<Sha256> expected) throws IOException {
        try {
            Sha256 actual =
                    data.writeChecked(bytes, layout.start(block.number()), digest -> check(block, expected, digest));
            boolean readable = arrived(block, actual);
            settle(layout.pieceOf(block.number()));
            return readable || ledger.block(block.number()).isPresent() ? Stored.NEW : Stored.STAGED;
        } finally {
            claims.giveBack(block.number());
        }
    }

    /** Nothing reaches the file whose digest is known to be wrong. */
    private static void check(Block block, Optional<Sha256> proven, Sha256 actual) {
        if (proven.isPresent() && !actual.equals(proven.get())) {
            throw new WrongBlock(new Block(block.number(), block.length(), proven.get()), true);
        }
        if (proven.isEmpty() && block.isClaimed() && !actual.equals(block.sha256())) {
            throw new WrongBlock(block, false);
        }
    }

    /** The bytes are in the file; whether they may be read. A list may have come while they were written. */
    private boolean arrived(Block block, Sha256 actual) throws IOException {
        var entry = new Journal.Entry.Block(block.number(), block.length(), actual);
        synchronized (ledger) {
            if (ledger.blocks().proven(block.number()).isEmpty()) {
                ledger.blocks().stage(block.number(), actual);
                return false;
            }
            ledger.publish(List.of(entry));
            return true;
        }
    }

    /** As {@link TaskContent#prove}. */
    Proven prove(int block, Sha256 digest) throws IOException {
        synchronized (ledger) {
            Proven found = ledger.blocks().prove(block, digest);
            switch (found) {
                case PUBLISHED -> {
                    Layout layout = ledger.layout();
                    ledger.publish(List.of(new Journal.Entry.Block(block, layout.lengthOf(block), digest)));
                    listIfSigned(layout.pieceOf(block));
                }
                case WRONG -> ledger.change();
                case NOTED, AGREES, CONTRADICTED -> {}
            }
            return found;
        }
    }

    /** As {@link TaskContent#note}. */
    void note(Piece announced, boolean proof) throws IOException {
        synchronized (ledger) {
            if (announced.md5().isEmpty() || ledger.piece(announced.number()).isPresent()) {
                return;
            }
            ledger.layout().checkIsWithinPiece(announced);
            (proof ? signed : noted).put(announced.number(), announced);
        }
        if (proof) {
            listIfSigned(announced.number());
        } else {
            settle(announced.number());
        }
    }

    /** Lists a piece that is now whole, if its MD5 is signed. */
    private void listIfSigned(int number) throws IOException {
        synchronized (ledger) {
            Piece piece = signed.get(number);
            if (piece != null && ledger.piece(number).isEmpty() && ledger.isReadable(piece)) {
                signed.remove(number);
                noted.remove(number);
                ledger.publish(piece);
            }
        }
    }

    /**
     * Holds a piece that came block by block, from whomever, against the MD5 that others told: only together they count.
     *
     * @throws WrongPiece if it is another; what was not proven of it is thrown away
     */
    private void settle(int number) throws IOException {
        while (true) {
            Piece piece;
            List<Optional<Sha256>> before;
            synchronized (ledger) {
                listIfSigned(number);
                piece = noted.get(number);
                if (piece == null || settling.get(number) || !isToBeSettled(piece)) {
                    return;
                }
                before = digests(piece);
                settling.set(number);
            }
            try {
                Digest actual = data.md5(piece.offset(), piece.length());
                synchronized (ledger) {
                    settling.clear(number); // from here on somebody else may settle it, or we do in the next round
                    if (digests(piece).equals(before)) {
                        settled(piece, actual);
                        return;
                    }
                }
            } finally {
                synchronized (ledger) {
                    settling.clear(number);
                }
            }
        }
    }

    /** Of all its blocks, whether they are readable or wait: while these stay the same, so do the bytes. */
    @GuardedBy("ledger")
    private List<Optional<Sha256>> digests(Piece piece) {
        Layout layout = ledger.layout();
        BlockTable blocks = ledger.blocks();
        List<Optional<Sha256>> digests = new ArrayList<>();
        for (int block = layout.firstBlock(piece); block < layout.endBlock(piece); block++) {
            digests.add(blocks.isReadable(block) ? blocks.digest(block) : blocks.staged(block));
        }
        return digests;
    }

    /** Whether all bytes of a piece are in the file, and it is not listed. */
    @GuardedBy("ledger")
    private boolean isToBeSettled(Piece piece) {
        Layout layout = ledger.layout();
        return ledger.piece(piece.number()).isEmpty()
                && ledger.blocks().areHere(layout.firstBlock(piece), layout.endBlock(piece));
    }

    @GuardedBy("ledger")
    private void settled(Piece piece, Digest actual) throws IOException {
        if (!isToBeSettled(piece)) {
            return; // a list came meanwhile, and told more
        }
        noted.remove(piece.number());
        if (ledger.isReadable(piece)) {
            ledger.publish(new Piece(piece.number(), piece.offset(), piece.length(), Optional.of(actual)));
            return;
        }
        Layout layout = ledger.layout();
        int first = layout.firstBlock(piece);
        int end = layout.endBlock(piece);
        List<Journal.Entry.Block> staged = new ArrayList<>();
        for (int block = first; block < end; block++) {
            Optional<Sha256> digest = ledger.blocks().staged(block);
            if (digest.isPresent()) {
                staged.add(new Journal.Entry.Block(block, layout.lengthOf(block), digest.get()));
            }
        }
        ledger.blocks().unstage(first, end);
        if (!piece.md5().equals(Optional.of(actual))) {
            ledger.change();
            throw new WrongPiece(piece, actual);
        }
        ledger.publish(staged);
        ledger.publish(piece);
    }

    /** As {@link TaskContent#finishPieces}. */
    void finishPieces() throws IOException {
        for (Optional<Piece> open = firstUnlisted(); open.isPresent(); open = firstUnlisted()) {
            finish(open.get());
        }
    }

    /** As {@link TaskContent#finishPiece}. */
    void finishPiece(int number) throws IOException {
        Optional<Piece> whole;
        synchronized (ledger) {
            Layout layout = ledger.layout();
            boolean open = layout.isLengthKnown() && layout.isCut() && number < layout.pieces();
            whole = open && ledger.piece(number).isEmpty()
                    ? Optional.of(layout.piece(number)).filter(ledger::isReadable)
                    : Optional.empty();
        }
        if (whole.isPresent()) {
            finish(whole.get());
        }
    }

    private void finish(Piece piece) throws IOException {
        Digest md5 = data.md5(piece.offset(), piece.length());
        synchronized (ledger) {
            if (ledger.piece(piece.number()).isEmpty()) { // somebody may have told it meanwhile
                ledger.publish(new Piece(piece.number(), piece.offset(), piece.length(), Optional.of(md5)));
            }
        }
    }

    /** The first piece that is not listed, if all its blocks are readable. */
    private Optional<Piece> firstUnlisted() {
        synchronized (ledger) {
            Layout layout = ledger.layout();
            if (!layout.isLengthKnown() || !layout.isCut()) {
                return Optional.empty();
            }
            int number = 0;
            while (ledger.piece(number).isPresent()) {
                number++;
            }
            return number < layout.pieces()
                    ? Optional.of(layout.piece(number)).filter(ledger::isReadable)
                    : Optional.empty();
        }
    }
}
