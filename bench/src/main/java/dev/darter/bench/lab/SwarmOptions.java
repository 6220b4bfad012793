package dev.darter.bench.lab;

import dev.darter.core.SeedShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What to measure.
 *
 * @param seeds seed peers
 * @param mbit rate of every link that nothing else is said of, each direction, in Mbit/s of the wire
 * @param size F, in bytes
 * @param warm whether the seed has the file before the peers ask
 * @param pipe whether the driver reads the content in order while it lands, instead of having it put into a file
 * @param stagger the peers start evenly spread over this time
 * @param thin rate of a link behind which the second half of the peers is, at another place than everybody else; empty for one place
 * @param congestion TCP's congestion control; empty for the machine's own
 * @param blend share of the file that peers may read at the origin while the seed delivers; empty for the scheduler's own
 * @param outputs a folder on a disk for what peers put out; empty for memory, as all else
 * @param out for curves, table and logs; empty for none
 */
record SwarmOptions(
        int peers,
        int seeds,
        double mbit,
        long size,
        int runs,
        boolean warm,
        boolean pipe,
        Duration stagger,
        double seedMbit,
        double originMbit,
        Optional<Double> slowPeer,
        Optional<Double> thin,
        Optional<String> congestion,
        Optional<Double> blend,
        List<Fault> faults,
        Optional<Path> outputs,
        Optional<Path> json,
        Optional<Path> out,
        Optional<Path> daemonYaml) {
    static final int MOST_PEERS = 200;
    private static final double MOST_MBIT = 10_000;

    SwarmOptions {
        faults = List.copyOf(faults);
        check("--peers", peers, peers >= 1 && peers <= MOST_PEERS, "1.." + MOST_PEERS);
        check("--seeds", seeds, seeds >= 1 && seeds <= SeedShare.MOST_SEEDS, "1.." + SeedShare.MOST_SEEDS);
        check("--seeds", "with --warm", seeds == 1 || !warm, "a cold seed");
        check("--runs", runs, runs >= 1 && runs <= 100, "1..100");
        check("--mbit", mbit, mbit >= 1 && mbit <= MOST_MBIT, "1..10000");
        check("--seed-mbit", seedMbit, seedMbit >= 1 && seedMbit <= MOST_MBIT, "1..10000");
        check("--origin-mbit", originMbit, originMbit >= 1 && originMbit <= MOST_MBIT, "1..10000");
        slowPeer.ifPresent(slow -> check("--slow-peer", slow, slow >= 1 && slow <= MOST_MBIT, "1..10000"));
        check("--slow-peer", "with one peer", slowPeer.isEmpty() || peers > 1, "at least two peers");
        thin.ifPresent(rate -> check("--thin-mbit", rate, rate >= 1 && rate <= MOST_MBIT, "1..10000"));
        check("--thin-mbit", "with one peer", thin.isEmpty() || peers > 1, "at least two peers");
        blend.ifPresent(share -> check("--blend", share, share >= 0 && share <= 1, "0..1"));
        check("--blend", "with --warm", blend.isEmpty() || !warm, "a cold seed");
        check("--size", size, size >= 1 && size <= (64L << 30), "1..64GiB");
        check("--stagger", stagger, !stagger.isNegative(), "a duration such as 3s");
        congestion.ifPresent(
                cc -> check("--cc", cc, cc.matches("[a-z0-9_]{1,16}"), "bbr, cubic or another the kernel has"));
    }

    private static void check(String flag, Object value, boolean right, String expected) {
        if (!right) {
            throw new LabException(flag + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** One peer, and links whose rate nobody looks at. */
    static SwarmOptions onePeer(long size) {
        return links(1, size, MOST_MBIT, MOST_MBIT);
    }

    /** One cold run on links of that rate. */
    static SwarmOptions links(int peers, long size, double mbit, double originMbit) {
        return new SwarmOptions(
                peers,
                1,
                mbit,
                size,
                1,
                false,
                false,
                Duration.ZERO,
                mbit,
                originMbit,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The rate of a peer's link, in Mbit/s; the slow one is the last. */
    double peerMbit(int index) {
        return isSlow(index) ? slowPeer.orElseThrow() : mbit;
    }

    boolean isSlow(int index) {
        return slowPeer.isPresent() && index == peers - 1;
    }

    /** Whether a peer is behind the thin link. */
    boolean isFar(int index) {
        return thin.isPresent() && index >= peers - farPeers();
    }

    private int farPeers() {
        return peers / 2;
    }

    /** T*, in seconds, of the peers that count: all but the slow one. */
    double limit() {
        double sameForAll = limitOfOnePlace();
        return thin.isEmpty() ? sameForAll : Math.max(sameForAll, limitOfTheFar(thin.get()));
    }

    /** One copy has to come over the thin link, and what comes over it and what the peers there give has to be enough for all of them. */
    private double limitOfTheFar(double link) {
        var there = Collections.nCopies(farPeers(), FluidLimit.Link.both(mbit));
        return new FluidLimit(link, FluidLimit.Link.both(link), there, List.of()).warm(size);
    }

    private double limitOfOnePlace() {
        var judged = Collections.nCopies(slowPeer.isPresent() ? peers - 1 : peers, FluidLimit.Link.both(mbit));
        var helpers = slowPeer.stream().map(FluidLimit.Link::both).toList();
        // All seeds together are as one whose link is as wide as all of theirs.
        var limit = new FluidLimit(originMbit, FluidLimit.Link.both(seeds * seedMbit), judged, helpers);
        if (blend.orElse(0.0) > 0) {
            return limit.blended(size, blend.orElseThrow());
        }
        return warm ? limit.warm(size) : limit.cold(size);
    }

    /** Peers that a fault hits: the first ones. */
    boolean isVictim(int index) {
        return faults.stream().anyMatch(fault -> index < fault.victims(peers));
    }

    /** Whether a peer's completion is what the run is judged by. */
    boolean counts(int index) {
        return !isSlow(index) && !isVictim(index);
    }

    /** When a peer starts, in seconds after the first. */
    double startOf(int index) {
        return peers == 1 ? 0 : stagger.toMillis() / 1000.0 * index / (peers - 1);
    }
}
