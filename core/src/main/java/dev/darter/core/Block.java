package dev.darter.core;

/**
 * One block as a Darter peer announces it.
 *
 * @param number position within the task, from 0
 * @param length bytes; less than the block length for the last one only
 * @param sha256 what its holder claims, or somebody proves
 */
public record Block(int number, int length, Sha256 sha256) {
    /** No bytes are known that have this SHA-256: it stands for none. */
    private static final Sha256 UNCLAIMED = new Sha256(0, 0, 0, 0);

    public Block {
        if (number < 0) {
            throw new IllegalArgumentException("block: " + number + " (expected: >= 0)");
        }
        if (length <= 0 || length > BlockLength.LARGE) {
            throw new IllegalArgumentException(
                    "block " + number + ": " + length + " bytes (expected: 1.." + BlockLength.LARGE + ")");
        }
    }

    /** A block of which nobody has said what it is. */
    public static Block unclaimed(int number, int length) {
        return new Block(number, length, UNCLAIMED);
    }

    /** Whether {@link #sha256} says anything. */
    public boolean isClaimed() {
        return !sha256.equals(UNCLAIMED);
    }
}
