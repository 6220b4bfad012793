package dev.darter.bench.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Which blocks a peer wants before all others; what is left goes rarest first, by the daemon's own choice. */
enum Policy {
    /** The daemon's: rarest first. */
    RAREST,
    /** The daemon's with a reader on every peer: the next missing blocks first, all others rarest first. */
    READERS,
    /** The lowest number first. */
    IN_ORDER,
    /** Any block. */
    RANDOM;

    private static final int DRAWN = 16;

    List<Integer> urgent(BlockSet have, BlockSet wanted, int blocks, int eachReader, RandomGenerator random) {
        return switch (this) {
            case RAREST -> List.of();
            case READERS -> nextMissing(have.toBitSet(), blocks, eachReader);
            case IN_ORDER -> wanted.toBitSet().stream().boxed().toList();
            case RANDOM -> draw(wanted.toBitSet(), random);
        };
    }

    private static List<Integer> nextMissing(BitSet have, int blocks, int count) {
        var missing = new ArrayList<Integer>();
        for (int block = have.nextClearBit(0); block < blocks && missing.size() < count; ) {
            missing.add(block);
            block = have.nextClearBit(block + 1);
        }
        return missing;
    }

    /** With a chance of none that anybody may be asked for: then it is rarest first after all. */
    private static List<Integer> draw(BitSet wanted, RandomGenerator random) {
        int[] all = wanted.stream().toArray();
        var drawn = new ArrayList<Integer>();
        for (int i = 0; i < Math.min(DRAWN, all.length); i++) {
            int other = i + random.nextInt(all.length - i);
            int block = all[other];
            all[other] = all[i];
            all[i] = block;
            drawn.add(block);
        }
        return drawn;
    }

    static Policy parse(String text) {
        for (Policy policy : values()) {
            if (policy.text().equals(text)) {
                return policy;
            }
        }
        throw new SimException("--policy: " + text + " (expected: rarest, readers, in-order or random)");
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
