package dev.darter.peer.task;

import dev.darter.wire.metrics.Counter;
import dev.darter.wire.metrics.Family;
import dev.darter.wire.metrics.Gauge;
import dev.darter.wire.metrics.MetricRegistry;
import java.util.List;

/** Counts tasks and pieces, under upstream's names. Any thread may call it. */
public final class TaskMetrics {
    private static final String PREFIX = "dragonfly_dfdaemon_";

    private final Counter tasks;
    private final Family<Counter> failedTasks;
    private final Counter pieces;
    private final Counter failedPieces;
    private final Counter fileTasks;
    private final Counter cacheHits;
    private final Counter prefetches;
    private final Counter seeds;
    private final Counter failedSeeds;
    private final Family<Counter> seedTraffic;
    private final Gauge runningSeeds;

    /** Where a download failed. */
    enum Stage {
        P2P("p2p"),
        SOURCE("source"),
        INIT("init");

        private final String label;

        Stage(String label) {
            this.label = label;
        }
    }

    public TaskMetrics(MetricRegistry registry) {
        tasks = registry.counter(PREFIX + "peer_task_total", "Counter of the total peer tasks.");
        failedTasks = registry.counter(
                PREFIX + "peer_task_failed_total", "Counter of the total failed peer tasks.", List.of("type"));
        pieces = registry.counter(PREFIX + "piece_task_total", "Counter of the total pieces.");
        failedPieces = registry.counter(PREFIX + "piece_task_failed_total", "Counter of the total failed pieces.");
        fileTasks = registry.counter(PREFIX + "file_task_total", "Counter of the total file tasks.");
        var _ = registry.counter(PREFIX + "stream_task_total", "Counter of the total stream tasks.");
        cacheHits =
                registry.counter(PREFIX + "peer_task_cache_hit_total", "Counter of the total tasks that were here.");
        prefetches = registry.counter(PREFIX + "prefetch_task_total", "Counter of the total prefetched tasks.");
        seeds = registry.counter(PREFIX + "seed_peer_download_total", "Counter of the total seed downloads.");
        failedSeeds = registry.counter(
                PREFIX + "seed_peer_download_failure_total", "Counter of the total failed seed downloads.");
        seedTraffic = registry.counter(
                PREFIX + "seed_peer_download_traffic", "Counter of the bytes of seed downloads.", List.of("type"));
        runningSeeds =
                registry.gauge(PREFIX + "seed_peer_concurrent_download_total", "Gauge of the running seed downloads.");
    }

    /** A tool asked for a file. */
    public void fileAsked() {
        fileTasks.increment();
    }

    /** A scheduler asked for a seed; call {@link #seedEnded} afterwards. */
    public void seedBegan() {
        seeds.increment();
        runningSeeds.increment();
    }

    /** @param bytes that were read from the origin, or that were here */
    public void seedEnded(boolean well, boolean reused, long bytes) {
        runningSeeds.decrement();
        if (!well) {
            failedSeeds.increment();
        }
        seedTraffic.with(reused ? "p2p" : "back_to_source").add(Math.max(0, bytes));
    }

    void began() {
        tasks.increment();
    }

    void failed(Stage stage) {
        failedTasks.with(stage.label).increment();
    }

    void wasHere() {
        cacheHits.increment();
    }

    void prefetched() {
        prefetches.increment();
    }

    void pieceFetched() {
        pieces.increment();
    }

    void pieceFailed() {
        failedPieces.increment();
    }
}
