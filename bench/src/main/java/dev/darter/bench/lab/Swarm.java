package dev.darter.bench.lab;

import dev.darter.core.SeedShare;
import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Runs of one cluster: one fresh file to all peers at once. */
final class Swarm {
    private static final long WARM_UP_BYTES = 8L << 20;
    private static final long SLOW_WARM_UP_BYTES = 4L << 20;
    private static final long LARGE_WARM_UP_BYTES = 64L << 20;
    private static final Duration WARM_UP_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LARGE_WARM_UP_TIMEOUT = Duration.ofMinutes(2);
    private static final double LONGEST_WARM_UP_SECONDS = 60;
    private static final double PATIENCE = 4;
    private static final int WARM_UPS = 2;
    private static final int LEAST_PART = 8;

    /** In a second; announcements and health checks are less. */
    private static final long IDLE_BYTES = 100_000;

    private static final int MOST_WARM_UPS = 8;
    private static final double MOST_ORIGIN_COPIES = 1.02;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LOG_SETTLES = Duration.ofMillis(300);

    private final SwarmOptions options;
    private final Cluster cluster;

    Swarm(SwarmOptions options, Cluster cluster) {
        this.options = options;
        this.cluster = cluster;
    }

    /**
     * Warms every process by files of another name until two in a row came the right way: over the seed, once from the origin, but for what
     * peers may read there. That also shows that daemons know their scheduler, and the scheduler its seed. Then by one larger file: what is
     * measured is a daemon that runs, not the compilation of one that was just started.
     */
    void warmUp() throws IOException, InterruptedException {
        long size = options.slowPeer().isPresent() ? SLOW_WARM_UP_BYTES : WARM_UP_BYTES;
        int right = 0;
        String problem = "";
        for (int i = 0; i < MOST_WARM_UPS && right < WARM_UPS; i++) {
            problem = warmUp(size, patience(size, WARM_UP_TIMEOUT));
            right = problem.isEmpty() ? right + 1 : 0;
            if (!problem.isEmpty()) {
                Thread.sleep(SECOND);
            }
        }
        if (right < WARM_UPS) {
            throw new LabException(
                    "warm-up: no file came the right way in " + MOST_WARM_UPS + " attempts; the last one: " + problem);
        }
        if (options.slowPeer().isEmpty()) {
            long large = Math.min(LARGE_WARM_UP_BYTES, options.size());
            if (seconds(large) > LONGEST_WARM_UP_SECONDS) {
                large = (long) (large * LONGEST_WARM_UP_SECONDS / seconds(large));
            }
            warmUpLarge(large);
        }
        cluster.slowOrigin(options.originMbit());
    }

    /** Once; where several seeds are to read a file together, until all of them do: the scheduler hears of them one by one. */
    private void warmUpLarge(long size) throws IOException, InterruptedException {
        for (int i = 0; i < MOST_WARM_UPS; i++) {
            Map<String, LinkUse> before = cluster.links();
            var _ = warmUp(size, patience(size, LARGE_WARM_UP_TIMEOUT));
            Map<String, LinkUse> use = since(cluster.links(), before);
            boolean all = cluster.seeds().stream()
                    .allMatch(seed -> use.getOrDefault(seed, LinkUse.NONE).up() > size / LEAST_PART);
            if (all || options.seeds() == 1) {
                return;
            }
            Thread.sleep(SECOND);
        }
        throw new LabException("warm-up: not all seeds gave a part of any file in " + MOST_WARM_UPS + " attempts"
                + (size < SeedShare.LEAST_LENGTH ? " (expected: --size of 64MiB at least, on faster links)" : ""));
    }

    /** Seeds that read a file together complete their copies after the last peer; meanwhile none of them helps with the next file. */
    private void awaitIdleSeeds() throws IOException, InterruptedException {
        if (options.seeds() == 1) {
            return;
        }
        double seconds = PATIENCE * seconds(options.size());
        boolean idle = false;
        for (int i = 0; i < seconds && !idle; i++) {
            Map<String, LinkUse> before = cluster.links();
            Thread.sleep(SECOND);
            Map<String, LinkUse> use = since(cluster.links(), before);
            idle = cluster.seeds().stream()
                    .allMatch(seed -> use.getOrDefault(seed, LinkUse.NONE).down() < IDLE_BYTES);
        }
    }

    /** What so many bytes take at best. */
    private double seconds(long bytes) {
        return options.limit() * bytes / options.size();
    }

    private Duration patience(long bytes, Duration least) {
        var patience = Duration.ofMillis((long) (PATIENCE * 1000 * seconds(bytes)));
        return patience.compareTo(least) > 0 ? patience : least;
    }

    /** @return what went wrong; empty when nothing did */
    private String warmUp(long size, Duration timeout) throws IOException, InterruptedException {
        String file = freshName("warm-up");
        var _ = Payload.write(cluster.originFile(file), size);
        var downloads = new Downloads(options.pipe());
        for (String peer : cluster.peers()) {
            downloads.add(peer, true, 0, cluster.client(peer), cluster.url(file), cluster.output(peer, file), timeout);
        }
        downloads.start();
        downloads.awaitCounting();
        Thread.sleep(LOG_SETTLES);
        var failed = downloads.results().stream()
                .filter(peer -> peer.outcome() != PeerResult.Outcome.DONE)
                .findFirst();
        double copies = OriginLog.use(cluster.originLog(), "/" + file).bodyBytes() / (double) size;
        remove(file);
        return failed.map(peer -> peer.name() + ": " + peer.message())
                .orElse(
                        copies <= MOST_ORIGIN_COPIES + options.blend().orElse(0.0)
                                ? ""
                                : "the origin gave " + copies + " copies");
    }

    /** Measures one file to all peers. */
    RunResult run(int number) throws IOException, InterruptedException {
        awaitIdleSeeds();
        double limit = options.limit();
        String file = freshName("run-" + number);
        String digest = Payload.write(cluster.originFile(file), options.size());
        var timeout = Duration.ofSeconds((long) (60 + limit * 20));
        if (options.warm()) {
            giveToSeed(file, timeout);
        }
        var downloads = new Downloads(options.pipe());
        for (int i = 0; i < options.peers(); i++) {
            String peer = cluster.peers().get(i);
            if (!cluster.client(peer).isHealthy(Duration.ofSeconds(5))) {
                throw new LabException(peer + ": does not answer before the run");
            }
            downloads.add(
                    peer,
                    options.counts(i),
                    options.startOf(i),
                    cluster.client(peer),
                    cluster.url(file),
                    cluster.output(peer, file),
                    timeout);
        }
        var processes = processUse();
        cluster.processes().values().forEach(process -> ProcessUse.forgetPeak(process.pid()));
        var links = cluster.links();
        var originBefore = OriginLog.use(cluster.originLog(), "/" + file);
        var machine = MachineCpu.now();
        double cpuShare;
        Map<String, ProcessUse> processesAfter;
        Map<String, LinkUse> linksAfter;
        downloads.start();
        try (var _ = Faults.start(options.faults(), limit, cluster)) {
            downloads.awaitCounting();
            cpuShare = MachineCpu.now().shareSince(machine);
            processesAfter = processUse();
            linksAfter = cluster.links();
            downloads.cutOff();
        }
        awaitIdleSeeds(); // a request that goes on is not in the log
        Thread.sleep(LOG_SETTLES);
        var origin = OriginLog.use(cluster.originLog(), "/" + file);
        var result = new RunResult(
                number,
                limit,
                options.stagger().isPositive(),
                options.size(),
                new OriginLog.Use(
                        origin.requests() - originBefore.requests(), origin.bodyBytes() - originBefore.bodyBytes()),
                since(linksAfter, links),
                usedSince(processesAfter, processes),
                cpuShare,
                Runtime.getRuntime().availableProcessors(),
                checked(downloads.results(), file, digest));
        tidy(file);
        return result;
    }

    /** Restarts what a fault broke, and forgets the file. */
    private void tidy(String file) throws IOException, InterruptedException {
        boolean broken = !options.faults().isEmpty();
        for (int i = 0; i < options.peers(); i++) {
            if (!options.counts(i)) {
                cluster.process(cluster.peers().get(i)).kill();
                broken = true;
            }
        }
        cluster.startMissing();
        remove(file);
        if (broken) {
            warmUp();
        }
    }

    private void remove(String file) throws IOException {
        for (String daemon : cluster.daemons()) {
            try {
                cluster.client(daemon).delete(cluster.url(file), UrlMeta.NONE);
            } catch (RuntimeException e) {
                // It never had it, or is gone.
            }
            Files.deleteIfExists(cluster.output(daemon, file));
        }
        Files.deleteIfExists(cluster.originFile(file));
    }

    private void giveToSeed(String file, Duration timeout) {
        var output = cluster.output(Cluster.SEED, file);
        var download = new DaemonClient.Download(cluster.url(file), UrlMeta.NONE, output, timeout, 0, false, false);
        var _ = cluster.client(Cluster.SEED).download(download, _ -> {});
    }

    /** Outside of what is timed. */
    private List<PeerResult> checked(List<PeerResult> peers, String file, String digest) throws InterruptedException {
        var wrong = ConcurrentHashMap.<String>newKeySet();
        var threads = new ArrayList<Thread>();
        for (PeerResult peer : peers) {
            if (peer.outcome() == PeerResult.Outcome.DONE) {
                threads.add(Thread.ofPlatform().start(() -> {
                    if (!isRight(cluster.output(peer.name(), file), digest)) {
                        wrong.add(peer.name());
                    }
                }));
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return peers.stream()
                .map(peer -> wrong.contains(peer.name()) ? peer.wrong() : peer)
                .toList();
    }

    private static boolean isRight(Path output, String digest) {
        try {
            return Payload.digest(output).equals(digest);
        } catch (IOException e) {
            return false;
        }
    }

    private Map<String, ProcessUse> processUse() {
        var use = new LinkedHashMap<String, ProcessUse>();
        cluster.processes().forEach((name, process) -> use.put(name, process.use()));
        use.put("driver", ProcessUse.of(ProcessHandle.current().pid()));
        return use;
    }

    private static Map<String, ProcessUse> usedSince(Map<String, ProcessUse> after, Map<String, ProcessUse> before) {
        var use = new LinkedHashMap<String, ProcessUse>();
        after.forEach((name, now) -> use.put(name, now.since(before.getOrDefault(name, new ProcessUse(0, 0)))));
        return use;
    }

    private static Map<String, LinkUse> since(Map<String, LinkUse> after, Map<String, LinkUse> before) {
        var use = new LinkedHashMap<String, LinkUse>();
        after.forEach((name, now) -> use.put(name, now.since(before.getOrDefault(name, LinkUse.NONE))));
        return use;
    }

    private static String freshName(String kind) {
        return kind + "-" + Long.toString(System.nanoTime(), Character.MAX_RADIX) + ".bin";
    }
}
