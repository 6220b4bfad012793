package dev.darter.bench.lab;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What one run showed.
 *
 * @param limit T*, in seconds
 * @param staggered whether peers started one after the other, so that each is judged from its own request on
 * @param size F
 * @param origin as its log has it
 * @param links bytes over each host's link during the run
 * @param processes CPU during the run and peak memory, by process
 * @param cores of the machine
 * @param cpuShare of all cores, from the first request to the last completion that counts
 */
record RunResult(
        int number,
        double limit,
        boolean staggered,
        long size,
        OriginLog.Use origin,
        Map<String, LinkUse> links,
        Map<String, ProcessUse> processes,
        double cpuShare,
        int cores,
        List<PeerResult> peers) {
    /** Above it the machine, not the network, may have been what decided. */
    private static final double CPU_BOUND = 0.85;

    RunResult {
        links = new LinkedHashMap<>(links);
        processes = new LinkedHashMap<>(processes);
        peers = List.copyOf(peers);
    }

    /** The last completion that counts ÷ T*; NaN if none did. */
    double last() {
        return done().stream().mapToDouble(this::seconds).max().orElse(Double.NaN) / limit;
    }

    double first() {
        return done().stream().mapToDouble(this::seconds).min().orElse(Double.NaN) / limit;
    }

    /** Seconds until the last reader that counts had its first MiB. */
    double lastFirstMiB() {
        return done().stream().mapToDouble(PeerResult::firstMiB).max().orElse(Double.NaN);
    }

    /** Body bytes that left the origin ÷ F. */
    double originCopies() {
        return origin.bodyBytes() / (double) size;
    }

    /** CPU of the lab's own processes ÷ all cores; the kernel's work in interrupts, which is nobody's, is not in it. */
    double ownCpuShare() {
        double seconds = peers.stream()
                .filter(PeerResult::counts)
                .mapToDouble(PeerResult::end)
                .max()
                .orElse(Double.NaN);
        double used =
                processes.values().stream().mapToDouble(ProcessUse::cpuSeconds).sum();
        return used / (seconds * cores);
    }

    boolean cpuBound() {
        return cpuShare > CPU_BOUND;
    }

    /** Peers that count and have no right file. */
    long failed() {
        return peers.stream()
                .filter(peer -> peer.counts() && peer.outcome() != PeerResult.Outcome.DONE)
                .count();
    }

    long wrong() {
        return peers.stream()
                .filter(peer -> peer.counts() && peer.outcome() == PeerResult.Outcome.WRONG)
                .count();
    }

    /** What all seeds sent ÷ F. */
    double seedUpCopies() {
        return links.entrySet().stream()
                        .filter(link -> link.getKey().startsWith(Cluster.SEED))
                        .mapToLong(link -> link.getValue().up())
                        .sum()
                / (double) size;
    }

    /** What crossed the link between two places to the far one ÷ F. */
    double thinDownCopies() {
        return links.getOrDefault(Star.THIN, LinkUse.NONE).down() / (double) size;
    }

    /** What crossed it the other way ÷ F. */
    double thinUpCopies() {
        return links.getOrDefault(Star.THIN, LinkUse.NONE).up() / (double) size;
    }

    /** The peer's uplink that carried most ÷ F. */
    double busiestPeerUpCopies() {
        return peers.stream()
                        .map(peer -> links.getOrDefault(peer.name(), LinkUse.NONE))
                        .max(Comparator.comparingLong(LinkUse::up))
                        .map(LinkUse::up)
                        .orElse(0L)
                / (double) size;
    }

    /** Mean over the peers that count. */
    double peerMean(ToDoubleFunction<ProcessUse> value) {
        return peers.stream()
                .filter(PeerResult::counts)
                .mapToDouble(peer -> value.applyAsDouble(process(peer.name())))
                .average()
                .orElse(0);
    }

    ProcessUse process(String name) {
        return processes.getOrDefault(name, new ProcessUse(0, 0));
    }

    private double seconds(PeerResult peer) {
        return staggered ? peer.end() - peer.start() : peer.end();
    }

    private List<PeerResult> done() {
        return peers.stream()
                .filter(peer -> peer.counts() && peer.outcome() == PeerResult.Outcome.DONE)
                .toList();
    }
}
