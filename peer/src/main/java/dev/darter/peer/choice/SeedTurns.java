package dev.darter.peer.choice;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pieces are not asked of a seed peer of the field, which gives to whoever asks. When the origin is the slowest link, all peers hear of
 * a new piece in the same moment; if all asked for it at once, the seed would send everything to everybody and the peers nothing to each other.
 * So the piece belongs to one of the siblings, chosen by a hash over peer id and number that all compute alike; the others wait for it to have
 * the piece, but not longer than the seed would take for some of them. And while there are pieces that nobody but the seed has, those that
 * somebody has come from there: its uplink is worth more than a wait.
 *
 * <p>Siblings are those that keep these rules, which peers of the field do not. Times are readings of a monotonic clock that the caller passes in.
 * For one thread.
 */
public final class SeedTurns {
    private static final long SHORTEST = Duration.ofMillis(500).toNanos();
    private static final long LONGEST = Duration.ofSeconds(30).toNanos();

    /** Upstream's largest piece is 15 MiB, and the one whose turn it is may have begun a moment ago. */
    private static final double WORTH = 16 << 20;

    private final String me;
    private final Map<Integer, Long> heardAt = new HashMap<>();
    private final Map<Integer, Long> offeredAt = new HashMap<>();
    private long nextPasses = Long.MAX_VALUE;

    /** @param me the peer id of this download */
    public SeedTurns(String me) {
        this.me = me;
    }

    /**
     * Of {@code missing}, the pieces that no seed is to be asked for now.
     *
     * @param parents that give whole pieces, the seeds among them
     * @param siblings whom this peer exchanges blocks with
     */
    public BitSet spared(BitSet missing, List<Offer> parents, List<Offer> siblings, long now) {
        var others = new BitSet();
        nextPasses = Long.MAX_VALUE;
        if (siblings.isEmpty()) {
            return others;
        }
        var elsewhere = new BitSet();
        long patience = patience(parents);
        boolean onlyAtSeeds = false;
        for (int piece = missing.nextSetBit(0); piece >= 0; piece = missing.nextSetBit(piece + 1)) {
            if (isOfferedByAny(siblings, piece) || isOfferedByAny(parents, piece)) {
                hold(elsewhere, piece, offeredAt.computeIfAbsent(piece, _ -> now) + LONGEST, now);
                continue;
            }
            onlyAtSeeds = true;
            long passes = heardAt.computeIfAbsent(piece, _ -> now) + patience;
            if (!isMine(piece, siblings)) {
                hold(others, piece, passes, now);
            }
        }
        if (onlyAtSeeds) {
            others.or(elsewhere);
        }
        return others;
    }

    private void hold(BitSet held, int piece, long until, long now) {
        if (until - now > 0) {
            held.set(piece);
            nextPasses = Math.min(nextPasses, until);
        }
    }

    /** Nanoseconds until a piece that {@link #spared} held back may be asked for; {@link Long#MAX_VALUE} when it held none. */
    public long left(long now) {
        return nextPasses == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, nextPasses - now);
    }

    private static boolean isOfferedByAny(List<Offer> offers, int piece) {
        return offers.stream().anyMatch(offer -> !offer.seed() && offer.pieces().get(piece));
    }

    private boolean isMine(int piece, List<Offer> siblings) {
        long mine = rank(me, piece);
        return siblings.stream().allMatch(sibling -> rank(sibling.parent(), piece) <= mine);
    }

    private static long rank(String peer, int piece) {
        long mixed = (peer.hashCode() * 0x9E3779B97F4A7C15L) ^ (piece * 0xC2B2AE3D27D4EB4FL);
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 29);
    }

    private static long patience(List<Offer> offers) {
        double rate = offers.stream()
                .filter(Offer::seed)
                .mapToDouble(seed -> seed.history().bytesPerSecond())
                .max()
                .orElse(0);
        double nanos = rate == 0 ? SHORTEST : WORTH / rate * 1e9;
        return (long) Math.clamp(nanos, SHORTEST, LONGEST);
    }
}
