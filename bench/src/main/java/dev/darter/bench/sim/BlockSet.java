package dev.darter.bench.sim;

import java.util.BitSet;

/** Numbers of blocks of one content, as words whose number never changes. Others may look into the words, and know which set they look into. */
final class BlockSet {
    final long[] words;

    BlockSet(int blocks) {
        words = new long[(blocks + Long.SIZE - 1) / Long.SIZE];
    }

    private BlockSet(long[] words) {
        this.words = words;
    }

    static BlockSet of(BitSet numbers, int blocks) {
        var set = new BlockSet(blocks);
        numbers.stream().forEach(set::add);
        return set;
    }

    BlockSet copy() {
        return new BlockSet(words.clone());
    }

    BitSet toBitSet() {
        return BitSet.valueOf(words);
    }

    boolean has(int block) {
        return (words[block >>> 6] >>> block & 1) != 0;
    }

    void add(int block) {
        words[block >>> 6] |= 1L << block;
    }

    void remove(int block) {
        words[block >>> 6] &= ~(1L << block);
    }

    void add(int first, int count) {
        for (int block = first; block < first + count; block++) {
            add(block);
        }
    }

    void remove(int first, int count) {
        for (int block = first; block < first + count; block++) {
            remove(block);
        }
    }

    /** @return whether there are any */
    boolean addAll(long[] others) {
        long any = 0;
        for (int word = 0; word < others.length; word++) {
            words[word] |= others[word];
            any |= others[word];
        }
        return any != 0;
    }

    void removeAll(BlockSet others) {
        for (int word = 0; word < words.length; word++) {
            words[word] &= ~others.words[word];
        }
    }

    void clear() {
        for (int word = 0; word < words.length; word++) {
            words[word] = 0;
        }
    }

    boolean isEmpty() {
        long any = 0;
        for (long word : words) {
            any |= word;
        }
        return any == 0;
    }

    /** Whether it has any that the other has not. */
    boolean exceeds(BlockSet other) {
        long any = 0;
        for (int word = 0; word < words.length; word++) {
            any |= words[word] & ~other.words[word];
        }
        return any != 0;
    }
}
