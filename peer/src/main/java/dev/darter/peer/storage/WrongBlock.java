package dev.darter.peer.storage;

import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;

/**
 * A block whose bytes are not those of its digest. Where the digest is signed, whoever sent them lies; where it is not, the one who sent it and the
 * one who claimed it may be two, or the bytes were damaged on their way.
 */
public final class WrongBlock extends CodedException {
    private static final long serialVersionUID = 1L;

    private final int number;
    private final boolean proven;

    /** @param proven whether its digest is signed */
    WrongBlock(Block block, boolean proven) {
        super(
                ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                "block " + block.number() + ": other bytes (expected: those of SHA-256 " + block.sha256() + ")");
        this.number = block.number();
        this.proven = proven;
    }

    public int number() {
        return number;
    }

    public boolean isProven() {
        return proven;
    }
}
