package dev.darter.bench.sim;

import dev.darter.bench.lab.FluidLimit;
import dev.darter.peer.choice.MeshRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One swarm to simulate.
 *
 * @param blocks of the content, each of {@code blockBytes}
 * @param mbit rate of every link that nothing else is said of, each direction, in Mbit/s of the wire
 * @param slow kinds of peers with other links; their completion does not count
 * @param stagger the peers start evenly spread over this time
 * @param leaves departures: those peers go for good, and do not count
 * @param locations places over which the hosts are spread in turn, the seed in the first
 * @param thinMbit rate of the line between each place and the others, each direction; only with several places
 * @param latency of every message
 * @param seed of all chance
 */
record Scenario(
        int peers,
        int blocks,
        int blockBytes,
        double mbit,
        double seedMbit,
        double originMbit,
        List<Slow> slow,
        Duration stagger,
        List<Leave> leaves,
        int locations,
        double thinMbit,
        Duration latency,
        Policy policy,
        MeshRules rules,
        long seed) {
    /** A share of the peers whose links have another rate. */
    record Slow(double share, double mbit) {}

    /** A share of the peers that go when so much of the limit has passed. */
    record Leave(double share, double atLimit) {}

    Scenario {
        slow = List.copyOf(slow);
        leaves = List.copyOf(leaves);
        check("--peers", peers, peers >= 1 && peers <= 1_000_000, "1..1000000");
        check("--size", blocks, blocks >= 1 && blocks <= 1_000_000, "1..1000000 blocks");
        check("--block", blockBytes, blockBytes >= 1 << 10 && blockBytes <= 64 << 20, "1KiB..64MiB");
        check("--mbit", mbit, mbit > 0, "more than 0");
        check("--seed-mbit", seedMbit, seedMbit > 0, "more than 0");
        check("--origin-mbit", originMbit, originMbit > 0, "more than 0");
        check("--thin-mbit", thinMbit, thinMbit > 0, "more than 0");
        check("--locations", locations, locations >= 1 && locations <= 100, "1..100");
        check("--latency", latency, !latency.isNegative(), "a duration such as 1ms");
        check("--stagger", stagger, !stagger.isNegative(), "a duration such as 3s");
        check("--slow", slow, slow.stream().mapToDouble(Slow::share).sum() < 1, "less than all peers");
        check("--leave", leaves, leaves.stream().mapToDouble(Leave::share).sum() < 1, "less than all peers");
    }

    private static void check(String flag, Object value, boolean right, String expected) {
        if (!right) {
            throw new SimException(flag + ": " + value + " (expected: " + expected + ")");
        }
    }

    long bytes() {
        return (long) blocks * blockBytes;
    }

    /** Rate of a peer's link, in Mbit/s: the slow ones are spread evenly among the others. */
    double peerMbit(int peer) {
        double at = spread(peer);
        for (Slow kind : slow) {
            if (at < kind.share()) {
                return kind.mbit();
            }
            at -= kind.share();
        }
        return mbit;
    }

    boolean isSlow(int peer) {
        return spread(peer) < slow.stream().mapToDouble(Slow::share).sum();
    }

    /** Seconds after which a peer goes; infinite for those that stay. */
    double leavesAt(int peer) {
        double at = spread(peer ^ 0x5bd1);
        for (Leave leave : leaves) {
            if (at < leave.share()) {
                return leave.atLimit() * limit();
            }
            at -= leave.share();
        }
        return Double.POSITIVE_INFINITY;
    }

    boolean counts(int peer) {
        return !isSlow(peer) && leavesAt(peer) == Double.POSITIVE_INFINITY;
    }

    int locationOf(int peer) {
        return peer % locations;
    }

    double startOf(int peer) {
        return peers == 1 ? 0 : stagger.toNanos() / 1e9 * peer / (peers - 1);
    }

    /** Multiples of the golden ratio lie evenly in 0..1, whatever part of them is taken. */
    private static double spread(int peer) {
        double at = (peer + 1) * 0.6180339887498949;
        return at - Math.floor(at);
    }

    /**
     * T*, in seconds, as the lab computes it: of the peers that are not slow, whose uplinks the slow ones help. With several places each
     * of the others must get one copy over its line, too.
     */
    double limit() {
        var judged = new ArrayList<FluidLimit.Link>();
        var helpers = new ArrayList<FluidLimit.Link>();
        for (int peer = 0; peer < peers; peer++) {
            (isSlow(peer) ? helpers : judged).add(FluidLimit.Link.both(peerMbit(peer)));
        }
        if (judged.isEmpty()) {
            judged.addAll(Collections.nCopies(peers, FluidLimit.Link.both(mbit)));
        }
        double one = new FluidLimit(originMbit, FluidLimit.Link.both(seedMbit), judged, helpers).cold(bytes());
        return locations > 1 ? Math.max(one, bytes() / FluidLimit.goodput(thinMbit)) : one;
    }
}
