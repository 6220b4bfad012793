package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import java.util.List;

/**
 * What is measured.
 *
 * @param peers known to the scheduler, one measurement for each number
 * @param streams open at a time, at most
 * @param seconds of each part that is measured
 * @param warmUpSeconds before, so that it is not the compilers that are measured
 */
record SchedulerOptions(List<Integer> peers, int streams, double seconds, double warmUpSeconds, Population population) {
    private static final int MOST_PEERS = 1_000_000;

    SchedulerOptions {
        peers = List.copyOf(peers);
        for (int number : peers) {
            if (number < 10 || number > MOST_PEERS) {
                throw new LabException("--peers: " + number + " (expected: 10.." + MOST_PEERS + ")");
            }
        }
        if (streams < 1 || streams > 100_000) {
            throw new LabException("--streams: " + streams + " (expected: 1..100000)");
        }
        if (!(seconds > 0 && seconds <= 600)) {
            throw new LabException("--seconds: " + seconds + " (expected: more than 0, at most 600)");
        }
        if (!(warmUpSeconds >= 0 && warmUpSeconds <= 600)) {
            throw new LabException("--warm-up: " + warmUpSeconds + " (expected: 0..600)");
        }
    }
}
