package dev.darter.peer.task;

import dev.darter.core.PeerHost;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.fetch.PieceFetcher;
import dev.darter.peer.fetch.SourceFetcher;
import dev.darter.peer.neighbour.HandOuts;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.peer.scheduler.Holdings;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.scheduler.SchedulerFinder;
import dev.darter.peer.storage.Storage;
import dev.darter.peer.trust.Trust;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * Everything that downloads work with; the same for all of them.
 *
 * @param host this host with the ports it really has; may wait until they are known
 */
public record Environment(
        Storage storage,
        Neighbours neighbours,
        HandOuts handOuts,
        PieceFetcher pieces,
        BlockFetcher blocks,
        SourceFetcher origin,
        Trust trust,
        SchedulerFinder schedulers,
        Holdings holdings,
        SchedulerConfig schedulerConfig,
        DownloadConfig config,
        Supplier<PeerHost> host,
        TaskMetrics metrics,
        InstantSource clock) {}
