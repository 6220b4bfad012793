package dev.darter.peer.storage;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Fills one piece of {@link DiskContent}; every byte is hashed once for its block and once for its piece, on its way to the file. */
final class DiskPieceWriter implements PieceWriter {
    private final Claims claims;
    private final Ledger ledger;
    private final DataFile data;
    private final Piece bounds;
    private final int blockLength;
    private final MessageDigest pieceMd5 = Digest.Algorithm.MD5.newMessageDigest();
    private final MessageDigest blockSha256 = Digest.Algorithm.SHA256.newMessageDigest();
    private final List<Journal.Entry.Block> unpublished = new ArrayList<>();
    /** Blocks that were readable when the claim was given; no other can become so while it lasts. */
    private final BitSet kept;

    private boolean trusted;
    private long written;
    private int inBlock;

    /** @param bounds the piece as it should be */
    DiskPieceWriter(Claims claims, Ledger ledger, DataFile data, Piece bounds, BitSet kept) {
        this.claims = claims;
        this.ledger = ledger;
        this.data = data;
        this.bounds = bounds;
        this.blockLength = ledger.layout().blockLength();
        this.kept = kept;
    }

    @Override
    public int number() {
        return bounds.number();
    }

    @Override
    public long offset() {
        return bounds.offset();
    }

    @Override
    public long length() {
        return bounds.length();
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void trust() {
        trusted = true;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > length() - written) {
            throw new CodedException(
                    ErrorCode.CLIENT_ERROR,
                    "piece " + number() + ": more than " + length() + " bytes (expected: exactly those)");
        }
        while (bytes.hasRemaining()) {
            int take = Math.min(bytes.remaining(), blockLength - inBlock);
            ByteBuffer part = bytes.slice(bytes.position(), take);
            Runnable hash = () -> {
                pieceMd5.update(part.duplicate());
                blockSha256.update(part.duplicate());
            };
            if (kept.get((int) ((offset() + written) / blockLength))) {
                data.run(hash); // readers have it: bytes that nobody has verified must not touch it
            } else {
                data.write(part, offset() + written, hash);
            }
            bytes.position(bytes.position() + take);
            written += take;
            inBlock += take;
            if (inBlock == blockLength) {
                endBlock();
            }
        }
    }

    private void endBlock() throws IOException {
        int block = (int) ((offset() + written - inBlock) / blockLength);
        var entry = new Journal.Entry.Block(block, inBlock, Sha256.of(blockSha256.digest()));
        inBlock = 0;
        if (kept.get(block)) {
            return;
        }
        if (trusted) {
            ledger.publishFromOrigin(entry);
        } else {
            unpublished.add(entry);
        }
    }

    @Override
    public Piece commit(Optional<Digest> expected) throws IOException {
        if (written < length() && ledger.layout().isLengthKnown()) {
            throw new CodedException(
                    ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                    "piece " + number() + ": " + written + " bytes (expected: " + length() + ")");
        }
        Digest actual = Digest.md5(Digest.hex(pieceMd5.digest()));
        if (expected.isPresent() && !expected.get().equals(actual)) {
            throw new CodedException(
                    ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                    "piece " + number() + ": " + actual + " (expected: " + expected.get() + ")");
        }
        if (inBlock > 0) {
            endBlock();
        }
        ledger.publish(unpublished);
        var piece = new Piece(number(), offset(), written, Optional.of(actual));
        ledger.publish(piece);
        return piece;
    }

    @Override
    public void close() {
        claims.release(this);
    }
}
