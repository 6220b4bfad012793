package dev.darter.bench.scheduler;

/**
 * What one scheduler with one number of peers showed.
 *
 * @param fastest registrations as fast as they go
 * @param loaded registrations at seven tenths of that rate
 * @param idleCpu share of one core while nothing happens, 0 to 1 and more
 * @param reportMicros CPU of the scheduler for one reported piece
 * @param heapEmpty bytes after a full collection, before anybody came
 * @param heapLoaded likewise with all peers and streams
 * @param heapPerPeer their difference for one peer, tasks, hosts and streams included
 * @param heapPerTask what one more task weighs, without its peer
 * @param peakMiB largest resident memory
 */
record SchedulerResult(
        int peers,
        int streams,
        Registrations.Result fastest,
        Registrations.Result loaded,
        double idleCpu,
        double reportMicros,
        long heapEmpty,
        long heapLoaded,
        double heapPerPeer,
        double heapPerTask,
        double peakMiB) {}
