package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * One scheduler process with one number of known peers, from its start to its end. A tenth of the peers run and have streams, at most as many
 * as asked for; the others hold whole tasks. Used by one thread.
 */
final class Measurement {
    private static final int CONNECTIONS = 100;
    private static final int AT_ONCE = 128;
    private static final int FIRST_FRESH_HOST = 1 << 20;
    private static final int FIRST_EXTRA_HOST = 1 << 21;
    private static final double SHARE_OF_CAPACITY = 0.7;
    private static final int EXTRA_TASKS = 20_000;
    private static final int REPORTS_PER_STREAM = 8;
    private static final int REPORTS = 40_000;

    private final SchedulerOptions options;
    private final int peers;
    private final Consumer<String> progress;

    Measurement(SchedulerOptions options, int peers, Consumer<String> progress) {
        this.options = options;
        this.peers = peers;
        this.progress = progress;
    }

    SchedulerResult run(Path home, Path directory) throws IOException, InterruptedException {
        try (var scheduler = SchedulerProcess.start(home, directory);
                var crowd = new Crowd(scheduler.port(), CONNECTIONS)) {
            return measure(scheduler, crowd);
        }
    }

    private SchedulerResult measure(SchedulerProcess scheduler, Crowd crowd) throws IOException, InterruptedException {
        var population = options.population();
        long empty = scheduler.heapAfterFullCollection();
        int streams = Math.min(options.streams(), peers / 10);
        progress.accept(peers + " peers: loading");
        int hosts = announce(crowd, population, peers - streams, 0);
        var talks = open(crowd, population, streams, hosts);
        long loaded = scheduler.heapAfterFullCollection();

        var registrations = new Registrations(population, crowd, scheduler::cpuSeconds, FIRST_FRESH_HOST);
        progress.accept(peers + " peers: warming up");
        var _ = registrations.asFastAsTheyGo(options.warmUpSeconds());
        progress.accept(peers + " peers: measuring");
        var fastest = registrations.asFastAsTheyGo(options.seconds());
        var loadedPart = registrations.at(fastest.perSecond() * SHARE_OF_CAPACITY, options.seconds());

        double before = scheduler.cpuSeconds();
        long began = System.nanoTime();
        Thread.sleep((long) (options.seconds() * 1000));
        double idle = (scheduler.cpuSeconds() - before) / ((System.nanoTime() - began) / 1e9);

        double report = report(scheduler, population, talks);
        talks.forEach(talk -> talk.talk.close());

        progress.accept(peers + " peers: weighing tasks");
        long beforeTasks = scheduler.heapAfterFullCollection();
        var single =
                new Population(EXTRA_TASKS, options.population().pieces(), population.places(), population.darter());
        int known = population.tasks();
        announceExtra(crowd, single, known);
        long afterTasks = scheduler.heapAfterFullCollection();
        double perPeer = (double) (loaded - empty) / peers;
        return new SchedulerResult(
                peers,
                talks.size(),
                fastest,
                loadedPart,
                idle,
                report,
                empty,
                loaded,
                perPeer,
                (double) (afterTasks - beforeTasks) / EXTRA_TASKS - perPeer,
                scheduler.peakMiB());
    }

    /** Whole tasks on as many hosts as it takes, every host all tasks; the number of the next host. */
    private int announce(Crowd crowd, Population population, int number, int firstHost) throws InterruptedException {
        var window = new Registrations.Window(AT_ONCE);
        int host = firstHost;
        for (int i = 0; i < number; i++) {
            int task = i % population.tasks();
            host = firstHost + i / population.tasks();
            window.begin();
            crowd.announce(host, population.holder(host, task), well -> window.end(well, "AnnounceTask"));
        }
        window.awaitAll();
        return host + 1;
    }

    private static void announceExtra(Crowd crowd, Population single, int firstTask) throws InterruptedException {
        var window = new Registrations.Window(AT_ONCE);
        for (int i = 0; i < EXTRA_TASKS; i++) {
            int host = FIRST_EXTRA_HOST + i % 50;
            window.begin();
            crowd.announce(host, single.holder(host, firstTask + i), well -> window.end(well, "AnnounceTask"));
        }
        window.awaitAll();
    }

    /** A stream that stays open, and the task that it is about. */
    private record Running(Crowd.Talk talk, int task, String parent) {}

    private static List<Running> open(Crowd crowd, Population population, int number, int firstHost)
            throws InterruptedException {
        var window = new Registrations.Window(AT_ONCE);
        var running = new ConcurrentLinkedQueue<Running>();
        for (int i = 0; i < number; i++) {
            int task = i % population.tasks();
            int host = firstHost + i / population.tasks();
            window.begin();
            crowd.register(host, population.registration(host, task), true, outcome -> {
                switch (outcome) {
                    case Crowd.Outcome.Parents(var talk, int _) -> {
                        running.add(new Running(talk, task, population.peer(0, task)));
                        window.end(true, "");
                    }
                    case Crowd.Outcome.Failed(var reason) -> window.end(false, reason);
                }
            });
        }
        window.awaitAll();
        return new ArrayList<>(running);
    }

    /** Microseconds of the scheduler's CPU for one piece that a running peer reports. */
    private double report(SchedulerProcess scheduler, Population population, List<Running> running)
            throws IOException, InterruptedException {
        if (running.isEmpty()) {
            throw new LabException("--peers: " + peers + " (expected: at least 10, so that one has a stream)");
        }
        int rounds = Math.clamp(REPORTS / running.size(), 1, REPORTS_PER_STREAM);
        rounds = Math.min(rounds, population.pieces());
        double before = scheduler.cpuSeconds();
        for (int round = 0; round < rounds; round++) {
            for (Running one : running) {
                one.talk.report(population.piece(one.task, round), one.parent, round);
            }
            Thread.sleep(200);
        }
        awaitQuiet(scheduler);
        return (scheduler.cpuSeconds() - before) / (rounds * (double) running.size()) * 1e6;
    }

    private static void awaitQuiet(SchedulerProcess scheduler) throws InterruptedException {
        double before = scheduler.cpuSeconds();
        for (int i = 0; i < 50; i++) {
            Thread.sleep(200);
            double now = scheduler.cpuSeconds();
            if (now - before < 0.05) {
                return;
            }
            before = now;
        }
    }
}
