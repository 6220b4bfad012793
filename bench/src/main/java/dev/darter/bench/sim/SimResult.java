package dev.darter.bench.sim;

import java.util.List;

/**
 * What one simulated swarm showed.
 *
 * @param limit T*, in seconds
 * @param seconds from request to completion of each peer that counts and finished, ascending
 * @param unfinished peers that count and never finished
 * @param transfers blocks that were sent whole
 * @param refused requests by number to which a host said that it is busy
 * @param events that were played
 */
record SimResult(
        Scenario scenario,
        double limit,
        List<Double> seconds,
        int unfinished,
        Bytes bytes,
        long transfers,
        long refused,
        long events,
        List<Sample> samples) {
    /**
     * Where all bytes went.
     *
     * @param sent over all uplinks
     * @param received over all downlinks, without what the seed read
     * @param stored by all peers
     * @param wasted twice fetched, or broken off
     * @param seedSent by the seed
     * @param busiestSent by the peer that gave most
     * @param crossed the lines between places
     */
    record Bytes(
            double sent,
            double received,
            double stored,
            double wasted,
            double seedSent,
            double busiestSent,
            double crossed) {}

    /**
     * How far the peers that count were at one time, as shares of the content.
     *
     * @param tenth of ten peers the last but one has more
     * @param uplinks how much of what all peers could send they send at that moment
     */
    record Sample(double seconds, double least, double tenth, double half, double ninth, double most, double uplinks) {
        /** @param stored blocks of each peer, ascending */
        static Sample of(double seconds, int[] stored, int blocks, double uplinks) {
            double all = blocks;
            int last = stored.length - 1;
            return new Sample(
                    seconds,
                    stored[0] / all,
                    stored[last / 10] / all,
                    stored[last / 2] / all,
                    stored[last * 9 / 10] / all,
                    stored[last] / all,
                    uplinks);
        }
    }

    SimResult {
        seconds = List.copyOf(seconds);
        samples = List.copyOf(samples);
    }

    /** The last completion ÷ T*; NaN when somebody never finished. */
    double last() {
        return unfinished > 0 || seconds.isEmpty() ? Double.NaN : seconds.getLast() / limit;
    }

    double median() {
        return seconds.isEmpty() ? Double.NaN : seconds.get(seconds.size() / 2) / limit;
    }

    double first() {
        return seconds.isEmpty() ? Double.NaN : seconds.getFirst() / limit;
    }

    /** Bytes ÷ the content's length. */
    double copies(double bytes) {
        return bytes / scenario.bytes();
    }
}
