package dev.darter.peer.choice;

import dev.darter.core.Mixing;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which blocks to ask for next, and of whom: rarest first, from the neighbour that should have given them soonest.
 *
 * <p>Rarity counts the neighbours that have a block. Ties go by a hash of peer and block, so that peers that see the same choose
 * differently and soon have something for each other. Content of many blocks is looked at through a window that moves with what is missing,
 * so a choice costs the same for any content; within the window the order is exact.
 *
 * <p>A request is for a <em>run</em> of blocks that follow each other, as long as the neighbour needs for about 50 ms: one round trip a block
 * is nothing on a slow link and everything on a fast one.
 */
public final class BlockChoice {
    /** How many missing blocks of a reader in order are urgent. More would turn the whole swarm into one that goes in order, with nothing to give. */
    public static final int URGENT_PER_READER = 4;

    private static final int WINDOW = 2048;

    /** Words of content that is looked at as a whole. */
    private static final int SMALL = 2048 / Long.SIZE;

    private static final double RUN_SECONDS = 0.05;
    private static final int LONGEST_RUN = 32;
    private static final int NONE = -1;

    private final int salt;

    /** @param salt differs from peer to peer */
    public BlockChoice(int salt) {
        this.salt = salt;
    }

    /**
     * What to ask for.
     *
     * @param neighbour place in the caller's list
     * @param first number of the first block
     * @param count how many, one after the other
     */
    public record Request(int neighbour, int first, int count) {}

    /**
     * Chooses one request.
     *
     * @param wanted blocks that are neither here nor being fetched
     * @param urgent blocks that a reader waits for, in order; they come before all others
     * @param offers of neighbours that may be asked
     * @param perNeighbour requests that a neighbour may have at a time
     * @param blockLength bytes
     * @return empty when nobody who may be asked has anything wanted
     */
    public Optional<Request> next(
            BitSet wanted, List<Integer> urgent, List<BlockOffer> offers, int perNeighbour, int blockLength) {
        return next(wanted.toLongArray(), urgent, Offers.of(offers), perNeighbour, blockLength);
    }

    /** The same for whoever makes several choices from the same offers. */
    public Optional<Request> next(
            long[] wanted, List<Integer> urgent, Offers offers, int perNeighbour, int blockLength) {
        for (int block : urgent) {
            if (Offers.contains(wanted, block)) {
                int giver = soonest(block, offers, perNeighbour, true);
                if (giver != NONE) {
                    return Optional.of(new Request(offers.neighbour(giver), block, 1));
                }
            }
        }
        int block = rarest(offers.givable(wanted, perNeighbour), offers);
        if (block == NONE) {
            return Optional.empty();
        }
        int giver = soonest(block, offers, perNeighbour, false);
        return Optional.of(new Request(offers.neighbour(giver), block, run(block, giver, offers, wanted, blockLength)));
    }

    private int rarest(long[] givable, Offers offers) {
        int words = givable.length;
        while (words > 0 && givable[words - 1] == 0) {
            words--;
        }
        return words <= SMALL && offers.size() < 1 << Offers.PLANES
                ? rarestOfFew(givable, words, offers)
                : rarestInWindow(BitSet.valueOf(givable), offers);
    }

    private int rarestInWindow(BitSet givable, Offers offers) {
        int best = NONE;
        int fewest = Integer.MAX_VALUE;
        int lowest = 0;
        int looked = 0;
        // From a place of its own, so that the windows of different peers lie apart.
        int start = givable.isEmpty() ? 0 : Math.floorMod(salt, givable.length());
        for (int block = givable.nextSetBit(start), turns = 0; looked < WINDOW && turns < 2; ) {
            if (block < 0 || (turns == 1 && block >= start)) {
                turns++;
                block = turns == 1 ? givable.nextSetBit(0) : -1;
                continue;
            }
            looked++;
            int holders = offers.holders(block);
            int order = mix(block);
            if (holders < fewest || (holders == fewest && order < lowest)) {
                fewest = holders;
                lowest = order;
                best = block;
            }
            block = givable.nextSetBit(block + 1);
        }
        return best;
    }

    /** The same, 64 blocks at a time. */
    private int rarestOfFew(long[] givable, int words, Offers offers) {
        int best = NONE;
        int fewest = Integer.MAX_VALUE;
        int lowest = 0;
        for (int word = 0; word < words; word++) {
            long rarest = givable[word];
            if (rarest == 0) {
                continue;
            }
            int holders = 0;
            for (int digit = Offers.PLANES - 1; digit >= 0; digit--) {
                long without = rarest & ~offers.plane(word, digit);
                if (without == 0) {
                    holders |= 1 << digit;
                } else {
                    rarest = without;
                }
            }
            if (holders > fewest) {
                continue;
            }
            for (long left = rarest; left != 0; left &= left - 1) {
                int block = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                int order = mix(block);
                if (holders < fewest || order < lowest) {
                    fewest = holders;
                    lowest = order;
                    best = block;
                }
            }
        }
        return best;
    }

    private int mix(int block) {
        return Mixing.mix((block + 1) * 0x9E3779B1 ^ salt);
    }

    private int soonest(int block, Offers offers, int perNeighbour, boolean ofAnybody) {
        double fastest = 1;
        for (int row = 0; row < offers.size(); row++) {
            fastest = Math.max(fastest, offers.bytesPerSecond(row));
        }
        int best = NONE;
        double shortest = Double.MAX_VALUE;
        boolean lastResort = true;
        for (int row = 0; row < offers.size(); row++) {
            boolean asksIt = offers.requests(row) < perNeighbour
                    && (ofAnybody ? offers.has(row, block) : offers.offers(row, block))
                    && (lastResort || !offers.isLastResort(row));
            if (!asksIt) {
                continue;
            }
            double rate = offers.bytesPerSecond(row) == 0 ? fastest : offers.bytesPerSecond(row);
            // A fraction of a request apart, so that equals take turns.
            double wait = (offers.requests(row) + 1 + (mix(block * 31 + offers.neighbour(row)) & 0xff) / 1024.0) / rate;
            if (wait < shortest || (lastResort && !offers.isLastResort(row))) {
                shortest = wait;
                best = row;
                lastResort = offers.isLastResort(row);
            }
        }
        return best;
    }

    /**
     * How many blocks make one request.
     *
     * @param bytesPerSecond what the neighbour gives; 0 when that is not known
     */
    public static int runLength(double bytesPerSecond, int blockLength) {
        return Math.clamp((int) (bytesPerSecond * RUN_SECONDS / blockLength), 1, LONGEST_RUN);
    }

    private static int run(int first, int giver, Offers offers, long[] wanted, int blockLength) {
        int longest = runLength(offers.bytesPerSecond(giver), blockLength);
        int count = 1;
        while (count < longest && Offers.contains(wanted, first + count) && offers.offers(giver, first + count)) {
            count++;
        }
        return count;
    }
}
