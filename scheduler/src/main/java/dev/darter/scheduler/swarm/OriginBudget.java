package dev.darter.scheduler.swarm;

import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.PeerId;
import dev.darter.core.PieceLength;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * How much of one task's content peers may read from the origin beside what they give each other, and who reads which blocks of it. Times are
 * milliseconds that the caller passes in; for one thread at a time, as its {@link Task}.
 *
 * <p><b>Each block once.</b> Peers say which blocks nobody whom they know has. Nobody is given a block that another one was given, or has read
 * and may still be telling of; so together they read what is missing about once. What a peer was given and did not read is free again when it
 * gives up, is gone, or has said nothing of it for {@link #LEASE}; what it did read is free again when it is gone, or when somebody still
 * misses it some time later.
 *
 * <p><b>How much at a time.</b> While nobody else brings the content in, each gets a part of what is missing, smaller and smaller: all end at about
 * the same time however fast each of them is, and those that read in order get the front first. While somebody does, few blocks from the far
 * end, where whoever gives the content out in its order comes last. Whole pieces where it can be: then the reader knows their MD5, else
 * everybody has to compute it.
 *
 * <p><b>When it ends.</b> When all is spent, when two peers do not agree on how long the content is, and when the origin turns out not to be
 * readable in parts, nothing more is granted until the task is begun anew; then one peer reads the rest as ever.
 */
public final class OriginBudget {
    /** Without a word of a reading the blocks are somebody else's. */
    private static final long LEASE = Duration.ofSeconds(10).toMillis();

    /** Whoever misses a block that was read so long ago knows nobody who can give it. */
    private static final long TOLD = Duration.ofSeconds(10).toMillis();

    /** Peers that would read ask at least so often. */
    private static final long HEARD = Duration.ofSeconds(5).toMillis();

    /** So long nobody who asks may get nothing, or this is no way to the content. */
    private static final long SERVED = Duration.ofSeconds(15).toMillis();

    private static final long LONGEST_DELAY = 50;
    private static final long LONGEST_DELAY_BESIDE = 100;
    private static final int FEWEST_BLOCKS = 4;
    private static final int MOST_PARTS = 64;

    /** Each brings a warrant that everybody keeps. */
    private static final int MOST_GRANTS = 200;

    private static final int MOST_FAILURES = 5;

    /** A peer that repeats its wish so soon had not heard of its grant yet. */
    private static final long CROSSED = Duration.ofSeconds(1).toMillis();

    /**
     * What a peer may have.
     *
     * @param share of the content that may be read in all, while somebody else brings it in
     * @param alone whether nobody else does: then all of it may be read
     * @param readers how many may read at a time
     * @param seed for a seed peer that is to read the content together with others: an account of its own
     */
    public record Terms(double share, boolean alone, int readers, boolean seed) {
        /** For a seed peer. */
        public static final Terms SEED = new Terms(1, false, Integer.MAX_VALUE, true);

        public Terms(double share, boolean alone, int readers) {
            this(share, alone, readers, false);
        }
    }

    private static final class Reading {
        private final BitSet left;
        private final boolean seed;
        private final long began;
        private long until;
        private boolean untouched = true;

        Reading(BitSet left, boolean seed, long now) {
            this.left = left;
            this.seed = seed;
            this.began = now;
            this.until = now + LEASE;
        }
    }

    private final Map<PeerId, Reading> open = new HashMap<>();
    private Map<PeerId, BitSet> read = new HashMap<>();
    private Map<PeerId, BitSet> readBefore = new HashMap<>();
    private long turnedAt;
    private long contentLength;
    private int blockLength;
    private long readByPeers;
    private long readBySeeds;
    private int grants;
    private int failures;
    private boolean closed;
    private long heardAt;
    private long servedAt;

    OriginBudget() {}

    /**
     * Takes what a peer says, and gives it what it may read.
     *
     * @param random for the delay
     * @return empty when it gets nothing now
     */
    public Optional<OriginGrant> hear(PeerId peer, OriginWish wish, Terms terms, long now, RandomGenerator random) {
        if (closed || !agrees(wish)) {
            closed = true;
            open.clear();
            return Optional.empty();
        }
        if (heardAt == 0 || now - heardAt > HEARD) {
            servedAt = now;
        }
        heardAt = now;
        note(peer, wish, now);
        if (closed || wish.reading() == OriginWish.Reading.UNDER_WAY || hasCrossed(peer, wish, now)) {
            return Optional.empty();
        }
        open.remove(peer);
        if (wish.wanted().isEmpty()) {
            servedAt = now;
            return Optional.empty();
        }
        return grant(peer, wish, terms, now, random);
    }

    private boolean hasCrossed(PeerId peer, OriginWish wish, long now) {
        Reading reading = open.get(peer);
        return reading != null
                && reading.untouched
                && wish.reading() == OriginWish.Reading.NONE
                && now - reading.began < CROSSED;
    }

    /** The first one says how long the content is; no two may differ. */
    private boolean agrees(OriginWish wish) {
        if (contentLength == 0) {
            contentLength = wish.contentLength();
            blockLength = wish.blockLength();
        }
        return contentLength == wish.contentLength() && blockLength == wish.blockLength();
    }

    private void note(PeerId peer, OriginWish wish, long now) {
        turn(now);
        Reading reading = open.get(peer);
        BitSet fresh = BlockRange.set(wish.read());
        if (reading != null) {
            fresh.and(reading.left); // of others nobody keeps count
            reading.left.andNot(fresh);
            reading.until = now + LEASE;
            if (!fresh.isEmpty()) {
                read.computeIfAbsent(peer, _ -> new BitSet()).or(fresh);
                reading.untouched = false;
                readBySeeds += reading.seed ? fresh.cardinality() : 0;
                readByPeers += reading.seed ? 0 : fresh.cardinality();
                servedAt = now;
                failures = 0;
            }
            if (wish.reading() == OriginWish.Reading.FAILED) {
                failures++;
            }
        }
        closed |= failures >= MOST_FAILURES || (reading != null && wish.reading() == OriginWish.Reading.UNFIT);
    }

    private void turn(long now) {
        if (now - turnedAt >= TOLD) {
            readBefore = now - turnedAt < 2 * TOLD ? read : new HashMap<>();
            read = new HashMap<>();
            turnedAt = now;
        }
        open.values().removeIf(reading -> reading.until < now);
    }

    private Optional<OriginGrant> grant(PeerId peer, OriginWish wish, Terms terms, long now, RandomGenerator random) {
        long places = terms.readers() - reading(terms.seed()).count();
        int all = BlockLength.count(contentLength, blockLength);
        long left = (terms.alone() ? all : (long) Math.floor(terms.share() * contentLength / blockLength))
                - spentBlocks(terms.seed());
        boolean spent = terms.alone() && (left <= 0 || grants >= MOST_GRANTS);
        if (spent && open.isEmpty()) {
            closed = true;
        }
        if (places <= 0 || left <= 0 || grants >= MOST_GRANTS) {
            return Optional.empty();
        }
        BitSet free = BlockRange.set(wish.wanted());
        open.values().forEach(reading -> free.andNot(reading.left));
        read.values().forEach(free::andNot);
        readBefore.values().forEach(free::andNot);
        int fewest = Math.max(FEWEST_BLOCKS, all / MOST_PARTS);
        int part = terms.alone()
                ? Math.max(fewest, free.cardinality() / (2 * terms.readers()))
                : Math.max(fewest, piece());
        List<BlockRange> blocks = choose(free, part, left, terms.alone());
        if (blocks.isEmpty()) {
            return Optional.empty();
        }
        grants++;
        servedAt = now;
        open.put(peer, new Reading(BlockRange.set(blocks), terms.seed(), now));
        boolean goesOn = !wish.read().isEmpty(); // it has begun at a moment of its own
        long delay = goesOn ? 0 : random.nextLong(terms.alone() ? LONGEST_DELAY : LONGEST_DELAY_BESIDE);
        return Optional.of(new OriginGrant(blocks, Duration.ofMillis(delay)));
    }

    private int piece() {
        return (int) (PieceLength.of(contentLength) / blockLength);
    }

    /** The first blocks, or the last ones; in as few ranges as a warrant names. A part of a piece or more ends where a piece does. */
    private List<BlockRange> choose(BitSet free, int number, long most, boolean first) {
        var chosen = new BitSet();
        int piece = piece();
        int block = first ? free.nextSetBit(0) : free.length() - 1;
        for (int i = 0; i < most && block >= 0; i++) {
            boolean begun = i > 0 && number >= piece && Math.floorMod(first ? block : block + 1, piece) != 0;
            if (i >= number && !begun) {
                break;
            }
            chosen.set(block);
            block = first ? free.nextSetBit(block + 1) : block == 0 ? -1 : free.previousSetBit(block - 1);
        }
        List<BlockRange> ranges = BlockRange.of(chosen, Integer.MAX_VALUE);
        int from = first ? 0 : Math.max(0, ranges.size() - OriginGrant.MOST_RANGES);
        return ranges.subList(from, Math.min(ranges.size(), from + OriginGrant.MOST_RANGES));
    }

    private Stream<Reading> reading(boolean seeds) {
        return open.values().stream().filter(reading -> reading.seed == seeds);
    }

    private long spentBlocks(boolean seeds) {
        return (seeds ? readBySeeds : readByPeers)
                + reading(seeds)
                        .mapToLong(reading -> reading.left.cardinality())
                        .sum();
    }

    /** Bytes that peers have read, or were granted and have not given back. */
    public long spentBytes() {
        return spentBlocks(false) * blockLength;
    }

    /** A peer wants nothing more: what it did not read is free; what it read, it has. */
    void giveBack(PeerId peer) {
        open.remove(peer);
    }

    /** A peer is gone, and what it read with it. */
    public void left(PeerId peer) {
        open.remove(peer);
        read.remove(peer);
        readBefore.remove(peer);
    }

    /** Whether peers that have only each other get the rest this way, so that none of them is sent to the source for all of it. */
    boolean isInUse(long now) {
        return !closed && heardAt != 0 && now - heardAt <= HEARD && now - servedAt <= SERVED;
    }

    /** Whether anything was read this way. */
    public boolean wasUsed() {
        return readByPeers + readBySeeds > 0;
    }
}
