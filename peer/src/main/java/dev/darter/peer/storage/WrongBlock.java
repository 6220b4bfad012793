package dev.darter.peer.storage;

import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;

/** A block whose bytes are not those of its digest: damaged on its way, or somebody lies. */
public final class WrongBlock extends CodedException {
    private final int number;

    WrongBlock(Block block) {
        super(
                ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL,
                "block " + block.number() + ": other bytes (expected: those of SHA-256 " + block.sha256() + ")");
        this.number = block.number();
    }

    public int number() {
        return number;
    }
}
