package dev.darter.bench.lab;

import java.util.List;

/**
 * The time that no way of distributing one file can beat, if bytes were a fluid.
 *
 * <p>{@code T* = max(F/u_o, F/d_s, F/u_s, F/min d_i, N·F/(u_s + Σu_i))}: the origin sends everything once, the seed takes and gives it
 * once, the slowest peer takes it, and all uplinks together carry N copies.
 *
 * @param originUp like all rates in millions of bits of the wire a second
 * @param peers whose completion counts
 * @param helpers peers whose completion does not count, but whose uplinks may help
 */
public record FluidLimit(double originUp, Link seed, List<Link> peers, List<Link> helpers) {
    /** Of a full Ethernet frame of 1514 bytes 1448 are content, with TCP timestamps. */
    private static final double GOODPUT = 1448.0 / 1514;

    /** A host's link. */
    public record Link(double up, double down) {
        public static Link both(double mbit) {
            return new Link(mbit, mbit);
        }
    }

    public FluidLimit {
        peers = List.copyOf(peers);
        helpers = List.copyOf(helpers);
        if (peers.isEmpty()) {
            throw new IllegalArgumentException("peers: none (expected: at least one)");
        }
    }

    /** Content bytes a second over a link of that many Mbit/s. */
    public static double goodput(double mbit) {
        return mbit * 1_000_000 / 8 * GOODPUT;
    }

    /**
     * Seconds for a file that lies at the origin only.
     *
     * @param bytes F
     */
    public double cold(long bytes) {
        return Math.max(warm(bytes), Math.max(bytes / goodput(originUp), bytes / goodput(seed.down)));
    }

    /** Seconds for a file that the seed has already. */
    public double warm(long bytes) {
        double slowest = peers.stream().mapToDouble(Link::down).min().orElseThrow();
        double uplinks = seed.up + sum(peers) + sum(helpers);
        double oneCopy = Math.max(bytes / goodput(seed.up), bytes / goodput(slowest));
        return Math.max(oneCopy, peers.size() * (double) bytes / goodput(uplinks));
    }

    /**
     * Seconds for a file that lies at the origin only, where peers may read a share of it there themselves: the seed brings in only the rest, and
     * the origin is one more uplink.
     *
     * @param share 0 to 1
     */
    public double blended(long bytes, double share) {
        double slowest = peers.stream().mapToDouble(Link::down).min().orElseThrow();
        double uplinks = originUp + seed.up + sum(peers) + sum(helpers);
        double bySeed = (1 - share) * bytes / goodput(Math.min(seed.up, seed.down));
        double oneCopy = Math.max(bytes / goodput(Math.min(originUp, slowest)), bySeed);
        return Math.max(oneCopy, peers.size() * (double) bytes / goodput(uplinks));
    }

    private static double sum(List<Link> links) {
        return links.stream().mapToDouble(Link::up).sum();
    }
}
