package dev.darter.peer.storage;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where those stand who read one content from front to back while it lands. Any thread may call it. */
final class ReaderPositions {
    /** However many read: a choice that looks at all of them at every block must stay cheap. */
    private static final int MOST_BLOCKS = 64;

    private final Map<ContentReader, Long> positions = new ConcurrentHashMap<>();

    void stands(ContentReader reader, long position) {
        positions.put(reader, position);
    }

    void left(ContentReader reader) {
        positions.remove(reader);
    }

    boolean isEmpty() {
        return positions.isEmpty();
    }

    /**
     * The next blocks that readers will stop at.
     *
     * @param each how many for one reader
     * @param end number of the block after the last; the highest there can be while the length is unknown
     * @return in the order in which they are missed: the first of every reader, then the second of every reader, and so on
     */
    List<Integer> nextMissing(BitSet readable, int blockLength, int each, int end) {
        List<Integer> next = new ArrayList<>();
        for (long position : positions.values()) {
            long block = position / blockLength;
            if (block < end) {
                next.add((int) block - 1);
            }
        }
        Set<Integer> missing = new LinkedHashSet<>();
        for (int turn = 0; turn < each; turn++) {
            for (int i = 0; i < next.size() && missing.size() < MOST_BLOCKS; i++) {
                int block = next.get(i) < end ? readable.nextClearBit(next.get(i) + 1) : end;
                next.set(i, block);
                if (block < end) {
                    missing.add(block);
                }
            }
        }
        return List.copyOf(missing);
    }
}
