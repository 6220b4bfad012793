package dev.darter.peer.choice;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Chooses pieces rarest first, and the parent that should have given the piece soonest.
 *
 * <p>Rarity counts the parents that offer a piece; ties are broken by chance, so that peers that started together go apart
 * and soon have something for each other. What a sibling offers is not asked of the seed: the seed gets one request at a
 * time while siblings have anything to give, which keeps new pieces coming in, and all of them when they have not.
 */
public final class PieceChoice {
    private final int mostInFlight;
    private final RandomGenerator random;

    /** @param mostInFlight pieces fetched at a time, from all parents together */
    public PieceChoice(int mostInFlight, RandomGenerator random) {
        this.mostInFlight = mostInFlight;
        this.random = random;
    }

    /**
     * @param missing pieces that are neither here nor being fetched
     * @param urgent pieces that a reader waits for, in order; they come before all others
     * @param offers of parents that may be asked
     * @return empty when nothing should be asked for now
     */
    public Optional<Choice> next(BitSet missing, List<Integer> urgent, List<Offer> offers) {
        if (offers.stream().mapToInt(Offer::inFlight).sum() >= mostInFlight) {
            return Optional.empty();
        }
        BitSet fromSiblings =
                offered(missing, offers.stream().filter(offer -> !offer.seed()).toList());
        BitSet fromSeedOnly = offered(missing, offers);
        fromSeedOnly.andNot(fromSiblings);
        for (int piece : urgent) {
            if (fromSiblings.get(piece) || fromSeedOnly.get(piece)) {
                return Optional.of(new Choice(
                        piece, soonest(piece, offers, fromSiblings.get(piece)).parent()));
            }
        }
        boolean seedIdle = offers.stream().filter(Offer::seed).allMatch(offer -> offer.inFlight() == 0);
        boolean askSeed = !fromSeedOnly.isEmpty() && (seedIdle || fromSiblings.isEmpty());
        BitSet candidates = askSeed ? fromSeedOnly : fromSiblings;
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        int piece = rarest(candidates, offers);
        return Optional.of(new Choice(piece, soonest(piece, offers, !askSeed).parent()));
    }

    private static BitSet offered(BitSet missing, List<Offer> offers) {
        var all = new BitSet();
        offers.forEach(offer -> all.or(offer.pieces()));
        all.and(missing);
        return all;
    }

    private int rarest(BitSet candidates, List<Offer> offers) {
        int fewest = Integer.MAX_VALUE;
        var ties = new ArrayList<Integer>();
        for (int piece = candidates.nextSetBit(0); piece >= 0; piece = candidates.nextSetBit(piece + 1)) {
            int holders = 0;
            for (Offer offer : offers) {
                holders += offer.pieces().get(piece) ? 1 : 0;
            }
            if (holders < fewest) {
                fewest = holders;
                ties.clear();
            }
            if (holders == fewest) {
                ties.add(piece);
            }
        }
        return ties.get(random.nextInt(ties.size()));
    }

    private Offer soonest(int piece, List<Offer> offers, boolean siblingsOnly) {
        double fastest = offers.stream()
                .mapToDouble(offer -> offer.history().bytesPerSecond())
                .max()
                .orElse(0);
        var holders = new ArrayList<>(offers.stream()
                .filter(offer -> offer.pieces().get(piece) && !(siblingsOnly && offer.seed()))
                .toList());
        // Shuffled, so that equals take turns: min() keeps the first of equals.
        for (int i = holders.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            holders.set(i, holders.set(j, holders.get(i)));
        }
        return holders.stream()
                .min(Comparator.comparingDouble(offer -> wait(offer, fastest)))
                .orElseThrow(() -> new IllegalStateException("piece " + piece + " is offered by nobody"));
    }

    /** Relative time until the parent would have given one more piece; a parent nobody tried counts as the fastest. */
    private static double wait(Offer offer, double fastest) {
        double rate = offer.history().bytesPerSecond() == 0
                ? fastest
                : offer.history().bytesPerSecond();
        double pieces =
                (offer.inFlight() + 1) * Math.pow(4, Math.min(offer.history().failures(), 10));
        return rate == 0 ? pieces : pieces / rate;
    }
}
