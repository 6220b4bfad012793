package dev.darter.peer.choice;

import dev.darter.core.Mixing;
import java.util.Arrays;
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

    /** Blocks of content that is looked at as a whole. */
    private static final int SMALL = 2048;

    /** Binary digits of a number of neighbours. */
    private static final int PLANES = 6;

    private static final double RUN_SECONDS = 0.05;
    private static final int LONGEST_RUN = 32;

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
        for (int block : urgent) {
            if (wanted.get(block)) {
                Optional<BlockOffer> giver = soonest(block, offers, perNeighbour);
                if (giver.isPresent()) {
                    return Optional.of(new Request(giver.get().neighbour(), block, 1));
                }
            }
        }
        List<BlockOffer> spared = sparingLastResorts(offers);
        return rarest(wanted, spared, perNeighbour)
                .flatMap(block -> soonest(block, spared, perNeighbour)
                        .map(giver -> new Request(giver.neighbour(), block, run(block, giver, wanted, blockLength))));
    }

    /** A last resort offers only what nobody else has, even where those who have it are busy: its uplink is worth more than a wait. */
    private static List<BlockOffer> sparingLastResorts(List<BlockOffer> offers) {
        if (offers.stream().noneMatch(BlockOffer::lastResort)) {
            return offers;
        }
        var others = new BitSet();
        offers.stream().filter(offer -> !offer.lastResort()).forEach(offer -> others.or(offer.blocks()));
        return offers.stream()
                .map(offer -> {
                    if (!offer.lastResort()) {
                        return offer;
                    }
                    var left = (BitSet) offer.blocks().clone();
                    left.andNot(others);
                    return new BlockOffer(offer.neighbour(), left, offer.requests(), offer.bytesPerSecond(), true);
                })
                .toList();
    }

    private Optional<Integer> rarest(BitSet wanted, List<BlockOffer> offers, int perNeighbour) {
        var givable = new BitSet();
        for (BlockOffer offer : offers) {
            if (offer.requests() < perNeighbour) {
                givable.or(offer.blocks());
            }
        }
        givable.and(wanted);
        if (givable.length() <= SMALL && offers.size() < 1 << PLANES) {
            return rarestOfFew(givable, offers);
        }
        int best = -1;
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
            int holders = 0;
            for (BlockOffer offer : offers) {
                holders += offer.blocks().get(block) ? 1 : 0;
            }
            int order = mix(block);
            if (holders < fewest || (holders == fewest && order < lowest)) {
                fewest = holders;
                lowest = order;
                best = block;
            }
            block = givable.nextSetBit(block + 1);
        }
        return best < 0 ? Optional.empty() : Optional.of(best);
    }

    /**
     * The same, 64 blocks at a time: holders are counted in bit planes, a word for each binary digit of the count. It is most of what a choice
     * costs, and a choice is made for every block.
     */
    private Optional<Integer> rarestOfFew(BitSet givable, List<BlockOffer> offers) {
        long[] words = givable.toLongArray();
        var held = new long[offers.size()][];
        for (int i = 0; i < held.length; i++) {
            held[i] = offers.get(i).blocks().toLongArray();
        }
        var planes = new long[PLANES];
        int best = -1;
        int fewest = Integer.MAX_VALUE;
        int lowest = 0;
        for (int word = 0; word < words.length; word++) {
            if (words[word] == 0) {
                continue;
            }
            count(held, word, planes);
            long rarest = words[word];
            int holders = 0;
            for (int digit = PLANES - 1; digit >= 0; digit--) {
                long without = rarest & ~planes[digit];
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
        return best < 0 ? Optional.empty() : Optional.of(best);
    }

    /** Adds up one word of all, a binary digit in each plane. */
    private static void count(long[][] held, int word, long[] planes) {
        Arrays.fill(planes, 0);
        for (long[] words : held) {
            long carry = word < words.length ? words[word] : 0;
            for (int digit = 0; carry != 0; digit++) {
                long both = planes[digit] & carry;
                planes[digit] ^= carry;
                carry = both;
            }
        }
    }

    private int mix(int block) {
        return Mixing.mix((block + 1) * 0x9E3779B1 ^ salt);
    }

    private Optional<BlockOffer> soonest(int block, List<BlockOffer> offers, int perNeighbour) {
        double fastest = 1;
        for (BlockOffer offer : offers) {
            fastest = Math.max(fastest, offer.bytesPerSecond());
        }
        BlockOffer best = null;
        double shortest = Double.MAX_VALUE;
        boolean lastResort = true;
        for (BlockOffer offer : offers) {
            if (offer.requests() >= perNeighbour || !offer.blocks().get(block) || (offer.lastResort() && !lastResort)) {
                continue;
            }
            double rate = offer.bytesPerSecond() == 0 ? fastest : offer.bytesPerSecond();
            // A fraction of a request apart, so that equals take turns.
            double wait = (offer.requests() + 1 + (mix(block * 31 + offer.neighbour()) & 0xff) / 1024.0) / rate;
            if (wait < shortest || (lastResort && !offer.lastResort())) {
                shortest = wait;
                best = offer;
                lastResort = offer.lastResort();
            }
        }
        return Optional.ofNullable(best);
    }

    private static int run(int first, BlockOffer giver, BitSet wanted, int blockLength) {
        int worth = (int) (giver.bytesPerSecond() * RUN_SECONDS / blockLength);
        int longest = Math.clamp(worth, 1, LONGEST_RUN);
        int count = 1;
        while (count < longest && wanted.get(first + count) && giver.blocks().get(first + count)) {
            count++;
        }
        return count;
    }
}
