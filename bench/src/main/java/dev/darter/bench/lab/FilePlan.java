package dev.darter.bench.lab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Which of several files go to which of several peers: file k to {@code each} neighbours on a ring of peers, starting where the files'
 * even spread puts it, so that the sets overlap.
 *
 * @param each how many peers want one file
 * @param size of every file, in bytes
 */
record FilePlan(int files, int peers, int each, long size) {
    FilePlan {
        if (files < 1 || files > 100_000) {
            throw new LabException("--files: " + files + " (expected: 1..100000)");
        }
        if (each < 1 || each > peers) {
            throw new LabException("--each: " + each + " (expected: 1.." + peers + ", the number of peers)");
        }
    }

    /** The files that a peer wants, in order. */
    List<Integer> filesOf(int peer) {
        var wanted = new ArrayList<Integer>();
        for (int file = 0; file < files; file++) {
            int first = first(file);
            if (Math.floorMod(peer - first, peers) < each) {
                wanted.add(file);
            }
        }
        return wanted;
    }

    /** How many downloads that makes. */
    int downloads() {
        return files * each;
    }

    /**
     * The seconds that nothing can beat: as for one file, with all files together through origin and seed, what the busiest peer wants
     * through its link, and all copies through all uplinks.
     */
    double limit(double originMbit, double seedMbit, double peerMbit) {
        double all = (double) files * size;
        int most = 0;
        for (int peer = 0; peer < peers; peer++) {
            most = Math.max(most, filesOf(peer).size());
        }
        return Collections.max(List.of(
                all / FluidLimit.goodput(originMbit),
                all / FluidLimit.goodput(seedMbit),
                most * (double) size / FluidLimit.goodput(peerMbit),
                all * each / FluidLimit.goodput(seedMbit + peers * peerMbit)));
    }

    private int first(int file) {
        return (int) ((long) file * peers / files % peers);
    }
}
