package dev.darter.core;

/**
 * One block as a Darter peer announces it.
 *
 * @param number position within the task, from 0
 * @param length bytes; less than the block length for the last one only
 */
public record Block(int number, int length, Sha256 sha256) {
    public Block {
        if (number < 0) {
            throw new IllegalArgumentException("block: " + number + " (expected: >= 0)");
        }
        if (length <= 0 || length > BlockLength.LARGE) {
            throw new IllegalArgumentException(
                    "block " + number + ": " + length + " bytes (expected: 1.." + BlockLength.LARGE + ")");
        }
    }
}
