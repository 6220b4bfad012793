package dev.darter.bench.lab;

import dev.darter.app.config.Units;
import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many files at once to overlapping sets of peers, beside plain HTTP from the origin. */
@Command(
        name = "files",
        description =
                "Gives many files at once to overlapping sets of peers, then fetches the same by curl from the origin.",
        mixinStandardHelpOptions = true)
final class FilesCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final long PROCESS_BYTES = 250L << 20;

    @Option(names = "--peers", description = "How many peers (default: ${DEFAULT-VALUE}).")
    private int peers = 8;

    @Option(names = "--files", description = "How many files (default: ${DEFAULT-VALUE}).")
    private int files = 2000;

    @Option(names = "--size", description = "Size of each file (default: ${DEFAULT-VALUE}).")
    private String size = "10KiB";

    @Option(names = "--each", description = "How many peers want each file (default: all).")
    private @Nullable Integer each;

    @Option(names = "--parallel", description = "Requests that a peer has open at a time (default: ${DEFAULT-VALUE}).")
    private int parallel = 16;

    @Option(
            names = "--mbit",
            description = "Rate of every link, each direction, in Mbit/s (default: ${DEFAULT-VALUE}).")
    private double mbit = 100;

    @Option(names = "--origin-mbit", description = "Rate of the origin's link (default: as --mbit).")
    private @Nullable Double originMbit;

    @Option(names = "--out", description = "Keep the logs in this directory.")
    private @Nullable Path out;

    /**
     * One download.
     *
     * @param end seconds after the first request of all
     */
    private record Fetched(int peer, int file, double seconds, double end, String failure) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        FilePlan plan = plan();
        if (parallel < 1 || parallel > 256) {
            throw new LabException("--parallel: " + parallel + " (expected: 1..256)");
        }
        try (var cleanup = new Cleanup()) {
            return measure(plan, cleanup);
        }
    }

    FilePlan plan() {
        try {
            return new FilePlan(files, peers, each == null ? peers : each, Units.bytes(size));
        } catch (IllegalArgumentException e) {
            throw new LabException("--size: " + e.getMessage());
        }
    }

    private double originMbit() {
        return originMbit == null ? mbit : originMbit;
    }

    private int measure(FilePlan plan, Cleanup cleanup) throws IOException, InterruptedException {
        var options = SwarmOptions.links(peers, plan.size(), mbit, originMbit());
        long perDownload = plan.size() + (16 << 10);
        var workspace = cleanup.add(Workspace.open(
                (plan.downloads() * 2L + plan.files() * 2L) * perDownload + (peers + 4) * PROCESS_BYTES));
        Path logs = (out == null ? workspace.directory() : out.toAbsolutePath()).resolve("log");
        Files.createDirectories(logs);
        var congestion = cleanup.add(CongestionControl.use(options.congestion()));
        var star = cleanup.add(Star.open());
        var runtime = cleanup.add(new RpcRuntime());
        var cluster = cleanup.add(Cluster.start(star, workspace.directory(), logs, options, runtime));
        new Swarm(options, cluster).warmUp();
        var digests = new ArrayList<String>();
        for (int file = 0; file < plan.files(); file++) {
            digests.add(Payload.write(cluster.originFile(name(file)), plan.size()));
        }
        var links = cluster.links();
        long originBefore = OriginLog.bodyBytes(cluster.originLog());
        var cpu = MachineCpu.now();
        List<Fetched> fetched = fetch(plan, cluster);
        double cpuShare = MachineCpu.now().shareSince(cpu);
        var control = cluster.links()
                .getOrDefault("control", LinkUse.NONE)
                .since(links.getOrDefault("control", LinkUse.NONE));
        Thread.sleep(300);
        long originBytes = OriginLog.bodyBytes(cluster.originLog()) - originBefore;
        long wrong = fetched.stream()
                .filter(one -> one.failure().isEmpty() && !isRight(cluster, one, digests.get(one.file())))
                .count();
        removeAll(plan, cluster);
        double direct = direct(plan, cluster);
        report(plan, congestion.name(), fetched, wrong, originBytes, control, cpuShare, direct);
        return wrong > 0 || fetched.stream().anyMatch(one -> !one.failure().isEmpty()) ? FAILED : 0;
    }

    private List<Fetched> fetch(FilePlan plan, Cluster cluster) throws InterruptedException {
        Queue<Fetched> fetched = new ConcurrentLinkedQueue<>();
        var go = new CountDownLatch(1);
        var threads = new ArrayList<Thread>();
        long[] zero = new long[1];
        for (int peer = 0; peer < peers; peer++) {
            int which = peer;
            Queue<Integer> left = new ConcurrentLinkedQueue<>(plan.filesOf(peer));
            var client = cluster.client(cluster.peers().get(peer));
            IntStream.range(0, parallel)
                    .forEach(_ -> threads.add(Thread.ofVirtual().start(() -> {
                        awaitQuietly(go);
                        for (Integer file = left.poll(); file != null; file = left.poll()) {
                            fetched.add(fetchOne(cluster, client, which, file, zero[0]));
                        }
                    })));
        }
        zero[0] = System.nanoTime();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(fetched);
    }

    private static Fetched fetchOne(Cluster cluster, DaemonClient client, int peer, int file, long zero) {
        long start = System.nanoTime();
        String failure = "";
        try {
            var progress = client.download(
                    new DaemonClient.Download(
                            cluster.url(name(file)),
                            UrlMeta.NONE,
                            output(cluster, peer, file),
                            TIMEOUT,
                            0,
                            false,
                            false),
                    _ -> {});
            failure = progress.done() ? "" : "the answer ended early";
        } catch (RuntimeException e) {
            failure = String.valueOf(e.getMessage());
        }
        long end = System.nanoTime();
        return new Fetched(peer, file, (end - start) / 1e9, (end - zero) / 1e9, failure);
    }

    /** Seconds until curl on every peer's host has the same files from the origin. */
    private double direct(FilePlan plan, Cluster cluster) throws IOException, InterruptedException {
        var commands = new ArrayList<List<String>>();
        for (int peer = 0; peer < peers; peer++) {
            var lines = new StringBuilder();
            for (int file : plan.filesOf(peer)) {
                lines.append(
                        "url=\"%s\"\noutput=\"%s\"\n".formatted(cluster.url(name(file)), output(cluster, peer, file)));
            }
            Path list = cluster.output(cluster.peers().get(peer), "curl.list");
            Files.writeString(list, lines);
            commands.add(List.of(
                    "ip",
                    "netns",
                    "exec",
                    cluster.namespace(cluster.peers().get(peer)),
                    "curl",
                    "-sf",
                    "--parallel",
                    "--parallel-max",
                    Integer.toString(parallel),
                    "-K",
                    list.toString()));
        }
        long start = System.nanoTime();
        var running = new ArrayList<Process>();
        for (List<String> command : commands) {
            running.add(new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }
        for (Process process : running) {
            if (process.waitFor() != 0) {
                throw new LabException("curl: ended with " + process.exitValue() + " (expected: 0)");
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void report(
            FilePlan plan,
            String congestion,
            List<Fetched> fetched,
            long wrong,
            long originBytes,
            LinkUse control,
            double cpuShare,
            double direct) {
        double last = fetched.stream().mapToDouble(Fetched::end).max().orElseThrow();
        double limit = plan.limit(originMbit(), mbit, mbit);
        var seconds = fetched.stream().map(Fetched::seconds).toList();
        Map<Integer, Double> fileEnds = new TreeMap<>();
        fetched.forEach(one -> fileEnds.merge(one.file(), one.end(), Math::max));
        System.out.printf(
                Locale.ROOT,
                "%d files of %s to %d peers, each file to %d, %d at a time, links %s Mbit/s, origin %s, %s%n%n",
                plan.files(),
                Report.size(plan.size()),
                peers,
                plan.each(),
                parallel,
                Report.plain(mbit),
                Report.plain(originMbit()),
                congestion);
        System.out.println(
                "| last, s | limit, s | last ÷ limit | curl, s | last ÷ curl | download p50, p99, ms | first file, last file, s"
                        + " | origin, copies | control, packets and KiB a download | CPU % | |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        long failed = fetched.stream().filter(one -> !one.failure().isEmpty()).count();
        System.out.printf(
                Locale.ROOT,
                "| %.2f | %.2f | %.2f | %.2f | %.2f | %.0f, %.0f | %.2f, %.2f | %.3f | %.1f, %.1f | %.0f | %s |%n",
                last,
                limit,
                last / limit,
                direct,
                last / direct,
                Statistics.median(seconds) * 1000,
                Statistics.percentile(seconds, 0.99) * 1000,
                fileEnds.values().stream().min(Comparator.naturalOrder()).orElseThrow(),
                last,
                originBytes / ((double) plan.files() * plan.size()),
                control.packets() / (double) plan.downloads(),
                (control.up() + control.down()) / 1024.0 / plan.downloads(),
                cpuShare * 100,
                failed + wrong == 0 ? "" : failed + " failed, " + wrong + " wrong");
        fetched.stream()
                .map(Fetched::failure)
                .filter(text -> !text.isEmpty())
                .distinct()
                .limit(5)
                .forEach(System.err::println);
    }

    private static boolean isRight(Cluster cluster, Fetched one, String digest) {
        try {
            return Payload.digest(output(cluster, one.peer(), one.file())).equals(digest);
        } catch (IOException e) {
            return false;
        }
    }

    /** Outputs only: curl writes to the same names, and the memory is needed. */
    private static void removeAll(FilePlan plan, Cluster cluster) throws IOException {
        for (int peer = 0; peer < plan.peers(); peer++) {
            for (int file : plan.filesOf(peer)) {
                Files.deleteIfExists(output(cluster, peer, file));
            }
        }
    }

    private static Path output(Cluster cluster, int peer, int file) {
        return cluster.output(cluster.peers().get(peer), name(file));
    }

    private static String name(int file) {
        return "file-" + file + ".bin";
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
