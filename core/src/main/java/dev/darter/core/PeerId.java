package dev.darter.core;

import java.util.UUID;

/**
 * Identifies one attempt of one host at one task; a new attempt takes a new id. It becomes a directory name, so only
 * characters that are safe there are let in.
 *
 * @param value opaque to receivers; 1 to 255 letters, digits, {@code -}, {@code _}, {@code :} and {@code .}
 */
public record PeerId(String value) {
    private static final int MAX_LENGTH = 255;
    private static final String SEED_SUFFIX = "_Seed";

    public PeerId {
        if (!isLegal(value)) {
            throw new IllegalArgumentException("peer id: " + Texts.shorten(value)
                    + " (expected: 1 to 255 letters, digits, '-', '_', ':' or '.', not starting with '.')");
        }
    }

    public static boolean isLegal(String value) {
        return !value.isEmpty()
                && value.length() <= MAX_LENGTH
                && value.charAt(0) != '.'
                && value.chars().allMatch(Texts::isFileNameCharacter);
    }

    /** A fresh id of the v1 family: address, process id, random UUID. */
    public static PeerId v1(String ip) {
        return new PeerId(ip + "-" + ProcessHandle.current().pid() + "-" + UUID.randomUUID());
    }

    /** A fresh id for a task that a scheduler told a seed peer to fetch. */
    public static PeerId v1Seed(String ip) {
        return new PeerId(v1(ip).value + SEED_SUFFIX);
    }

    /** Whether a seed peer says so of itself: the v1 wire tells it nowhere else. */
    public static boolean isSeed(String value) {
        return value.endsWith(SEED_SUFFIX);
    }

    @Override
    public String toString() {
        return value;
    }
}
