package dev.darter.peer.choice;

import java.util.Arrays;
import java.util.List;

/**
 * What all neighbours can give now, as a table that one choice after the other is made from. Sets of blocks are words of 64 bits, as
 * {@link java.util.BitSet#toLongArray} gives them. The caller keeps them unchanged until {@link #clear}. For one thread.
 */
public final class Offers {
    /** As many requests as a neighbour never has: it is asked for nothing now, but what it has the others need not ask a last resort for. */
    public static final int BUSY = Integer.MAX_VALUE;

    /** Binary digits of a number of neighbours. */
    static final int PLANES = 6;

    private static final long[] NOTHING = {};

    private int size;
    private int[] neighbours = new int[64];
    private long[][] blocks = new long[64][];
    private int[] requests = new int[64];
    private double[] rates = new double[64];
    private boolean[] lastResort = new boolean[64];

    /** What each is asked for: of a last resort only what nobody else has. The same as {@link #blocks} when there is none. */
    private long[][] spared = blocks;

    private long[] givable = NOTHING;
    private long[] planes = NOTHING;
    private int words;
    private boolean isSpared;
    private boolean isCounted;

    static Offers of(List<BlockOffer> all) {
        var offers = new Offers();
        for (BlockOffer offer : all) {
            offers.add(
                    offer.neighbour(),
                    offer.blocks().toLongArray(),
                    offer.requests(),
                    offer.bytesPerSecond(),
                    offer.lastResort());
        }
        return offers;
    }

    /** Begins anew. */
    public void clear() {
        size = 0;
        isSpared = false;
        isCounted = false;
    }

    /**
     * Adds a neighbour.
     *
     * @param neighbour its place in the caller's list
     * @param has the blocks that it has
     * @param open what is being fetched from it; or {@link #BUSY}
     * @param bytesPerSecond moving average of what it gave; 0 while it gave nothing
     * @param isLastResort whether to ask it only for what nobody else has
     */
    public void add(int neighbour, long[] has, int open, double bytesPerSecond, boolean isLastResort) {
        if (size == neighbours.length) {
            grow(2 * size);
        }
        neighbours[size] = neighbour;
        blocks[size] = has;
        requests[size] = open;
        rates[size] = bytesPerSecond;
        lastResort[size] = isLastResort;
        size++;
        isSpared = false;
        isCounted = false;
    }

    private void grow(int length) {
        neighbours = Arrays.copyOf(neighbours, length);
        blocks = Arrays.copyOf(blocks, length);
        requests = Arrays.copyOf(requests, length);
        rates = Arrays.copyOf(rates, length);
        lastResort = Arrays.copyOf(lastResort, length);
    }

    /** One more request was sent to a neighbour. */
    public void asked(int neighbour) {
        for (int row = 0; row < size; row++) {
            requests[row] += neighbours[row] == neighbour ? 1 : 0;
        }
    }

    int size() {
        return size;
    }

    int neighbour(int row) {
        return neighbours[row];
    }

    int requests(int row) {
        return requests[row];
    }

    double bytesPerSecond(int row) {
        return rates[row];
    }

    boolean isLastResort(int row) {
        return lastResort[row];
    }

    boolean has(int row, int block) {
        return contains(blocks[row], block);
    }

    /** Whether it may be asked for the block as long as others can be. */
    boolean offers(int row, int block) {
        spareLastResorts();
        return contains(spared[row], block);
    }

    static boolean contains(long[] words, int block) {
        int word = block >>> 6;
        return word < words.length && (words[word] >>> block & 1) != 0;
    }

    /** What is wanted and offered by those that may get one more request. The array is used again. */
    long[] givable(long[] wanted, int perNeighbour) {
        spareLastResorts();
        if (givable.length != wanted.length) {
            givable = new long[wanted.length];
        }
        Arrays.fill(givable, 0);
        for (int row = 0; row < size; row++) {
            if (requests[row] < perNeighbour) {
                or(spared[row], givable);
            }
        }
        for (int word = 0; word < wanted.length; word++) {
            givable[word] &= wanted[word];
        }
        return givable;
    }

    private static void or(long[] from, long[] into) {
        for (int word = Math.min(from.length, into.length) - 1; word >= 0; word--) {
            into[word] |= from[word];
        }
    }

    /** How many offer a block. */
    int holders(int block) {
        int holders = 0;
        for (int row = 0; row < size; row++) {
            holders += offers(row, block) ? 1 : 0;
        }
        return holders;
    }

    /** A digit of the numbers of holders of 64 blocks, when there are fewer than 64 neighbours. */
    long plane(int word, int digit) {
        if (!isCounted) {
            count();
        }
        int place = word * PLANES + digit;
        return place < planes.length ? planes[place] : 0;
    }

    /** A last resort offers only what nobody else has, even where those who have it are busy: its uplink is worth more than a wait. */
    private void spareLastResorts() {
        if (isSpared) {
            return;
        }
        isSpared = true;
        words = 0;
        boolean any = false;
        for (int row = 0; row < size; row++) {
            words = Math.max(words, blocks[row].length);
            any |= lastResort[row];
        }
        spared = any ? withoutOthers() : blocks;
    }

    private long[][] withoutOthers() {
        var others = new long[words];
        for (int row = 0; row < size; row++) {
            if (!lastResort[row]) {
                or(blocks[row], others);
            }
        }
        long[][] left = Arrays.copyOf(blocks, size);
        for (int row = 0; row < size; row++) {
            if (lastResort[row]) {
                left[row] = without(blocks[row], others);
            }
        }
        return left;
    }

    private static long[] without(long[] all, long[] others) {
        long[] left = all.clone();
        for (int word = 0; word < left.length; word++) {
            left[word] &= ~others[word];
        }
        return left;
    }

    /**
     * Holders are counted 64 blocks at a time, in bit planes, a word for each binary digit of the count. It is most of what a choice costs, and
     * a choice is made for every block.
     */
    private void count() {
        isCounted = true;
        spareLastResorts();
        if (planes.length == words * PLANES) {
            Arrays.fill(planes, 0);
        } else {
            planes = new long[words * PLANES];
        }
        for (int row = 0; row < size; row++) {
            long[] held = spared[row];
            for (int word = 0; word < held.length; word++) {
                long carry = held[word];
                for (int digit = word * PLANES; carry != 0; digit++) {
                    long both = planes[digit] & carry;
                    planes[digit] ^= carry;
                    carry = both;
                }
            }
        }
    }
}
