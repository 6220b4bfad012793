package dev.darter.peer.storage;

import dev.darter.core.Sha256;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/** The SHA-256 of each block, 32 bytes a block and no more: content of 100 GiB has a hundred thousand. Not thread-safe. */
final class DigestTable {
    private static final int WORDS = 4;

    private final BitSet known = new BitSet();
    private long[] words = new long[0];

    void put(int block, Sha256 digest) {
        int at = block * WORDS;
        if (at + WORDS > words.length) {
            words = Arrays.copyOf(words, Math.max(at + WORDS, words.length * 2));
        }
        words[at] = digest.first();
        words[at + 1] = digest.second();
        words[at + 2] = digest.third();
        words[at + 3] = digest.fourth();
        known.set(block);
    }

    Optional<Sha256> get(int block) {
        int at = block * WORDS;
        return known.get(block)
                ? Optional.of(new Sha256(words[at], words[at + 1], words[at + 2], words[at + 3]))
                : Optional.empty();
    }

    void remove(int block) {
        known.clear(block);
    }

    void removeAll(int first, int end) {
        known.clear(first, end);
    }

    /** Which blocks' digests are known; the caller may change the set. */
    BitSet numbers() {
        return (BitSet) known.clone();
    }
}
