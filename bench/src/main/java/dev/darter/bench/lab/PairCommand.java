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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The data path: one seed serves one peer over loopback, in turns with nginx serving curl. */
@Command(
        name = "pair",
        description = "One seed serves one peer over loopback, in turns with curl and sha256sum from nginx.",
        mixinStandardHelpOptions = true)
final class PairCommand implements Callable<Integer> {
    private static final double GIB = 1 << 30;
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int SPARE_FILES = 6;
    private static final long PROCESSES_BYTES = 1L << 30;

    @Option(names = "--size", description = "Size of the file (default: ${DEFAULT-VALUE}).")
    private String size = "1GiB";

    @Option(names = "--runs", description = "How many runs of each (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    /**
     * One transfer.
     *
     * @param senderCpu seconds
     * @param receiverCpu seconds, digest included
     */
    private record Transfer(double seconds, double senderCpu, double receiverCpu) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        long bytes = bytes();
        try (var cleanup = new Cleanup()) {
            var workspace = cleanup.add(Workspace.open(bytes * SPARE_FILES + PROCESSES_BYTES));
            Path logs = Files.createDirectory(workspace.directory().resolve("log"));
            var star = cleanup.add(Star.openLoopback());
            var runtime = cleanup.add(new RpcRuntime());
            var options = SwarmOptions.onePeer(bytes);
            var cluster = cleanup.add(Cluster.start(star, workspace.directory(), logs, options, runtime));
            new Swarm(options, cluster).warmUp();
            report(bytes, cluster);
            return 0;
        }
    }

    long bytes() {
        try {
            return Units.bytes(size);
        } catch (IllegalArgumentException e) {
            throw new LabException("--size: " + e.getMessage());
        }
    }

    private void report(long bytes, Cluster cluster) throws IOException, InterruptedException {
        var pairs = new ArrayList<Transfer>();
        var digested = new ArrayList<Transfer>();
        var plain = new ArrayList<Transfer>();
        // The first of each warms what still is cold, and does not count.
        for (int i = 0; i <= runs; i++) {
            String file = "pair-" + i + ".bin";
            String digest = Payload.write(cluster.originFile(file), bytes);
            Transfer pair = pair(cluster, file, digest);
            Transfer withDigest = curl(cluster, file, true);
            Transfer withoutDigest = curl(cluster, file, false);
            Files.delete(cluster.originFile(file));
            if (i > 0) {
                pairs.add(pair);
                digested.add(withDigest);
                plain.add(withoutDigest);
            }
        }
        double base = median(digested, Transfer::seconds);
        System.out.printf(
                Locale.ROOT,
                "%s, one to one over loopback, median of %d%n%n| | s | GB/s | times as fast | sender, CPU-s/GiB | receiver, CPU-s/GiB |%n"
                        + "| --- | --- | --- | --- | --- | --- |%n",
                Report.size(bytes),
                runs);
        row("seed → peer, verified", bytes, pairs, base);
        row("nginx → `curl -o f && sha256sum f`", bytes, digested, base);
        row("nginx → `curl -o f`", bytes, plain, base);
    }

    private static void row(String name, long bytes, List<Transfer> transfers, double base) {
        double seconds = median(transfers, Transfer::seconds);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
                name,
                seconds,
                bytes / seconds / 1e9,
                base / seconds,
                median(transfers, Transfer::senderCpu) / (bytes / GIB),
                median(transfers, Transfer::receiverCpu) / (bytes / GIB));
    }

    private static double median(List<Transfer> transfers, ToDoubleFunction<Transfer> value) {
        return Statistics.median(transfers.stream().map(value::applyAsDouble).toList());
    }

    /** The seed has the file before the peer asks. */
    private static Transfer pair(Cluster cluster, String file, String digest) throws IOException {
        String peer = cluster.peers().getFirst();
        var _ = download(cluster, Cluster.SEED, file);
        var sender = cluster.process(Cluster.SEED).use();
        var receiver = cluster.process(peer).use();
        long start = System.nanoTime();
        var progress = download(cluster, peer, file);
        double seconds = (System.nanoTime() - start) / 1e9;
        var transfer = new Transfer(
                seconds,
                cluster.process(Cluster.SEED).use().since(sender).cpuSeconds(),
                cluster.process(peer).use().since(receiver).cpuSeconds());
        if (progress.origin() > 0) {
            throw new LabException(
                    peer + ": read " + progress.origin() + " bytes from the origin (expected: all from the seed)");
        }
        if (!Payload.digest(cluster.output(peer, file)).equals(digest)) {
            throw new LabException(peer + ": wrong bytes");
        }
        for (String daemon : cluster.daemons()) {
            cluster.client(daemon).delete(cluster.url(file), UrlMeta.NONE);
            Files.deleteIfExists(cluster.output(daemon, file));
        }
        return transfer;
    }

    private static DaemonClient.Progress download(Cluster cluster, String daemon, String file) {
        return cluster.client(daemon)
                .download(
                        new DaemonClient.Download(
                                cluster.url(file),
                                UrlMeta.NONE,
                                cluster.output(daemon, file),
                                TIMEOUT,
                                0,
                                false,
                                false),
                        _ -> {});
    }

    /** From the peer's host. */
    private static Transfer curl(Cluster cluster, String file, boolean digest) throws IOException {
        String peer = cluster.peers().getFirst();
        Path output = cluster.output("curl", file);
        String command = "curl -sf -o '%s' '%s'".formatted(output, cluster.url(file))
                + (digest ? " && sha256sum '%s' >/dev/null".formatted(output) : "");
        var sender = cluster.process(Cluster.ORIGIN).use();
        long start = System.nanoTime();
        // times prints what the shell and what its children used, user and system each.
        String said = Shell.run("ip", "netns", "exec", cluster.namespace(peer), "sh", "-c", command + " && times");
        double seconds = (System.nanoTime() - start) / 1e9;
        Files.delete(output);
        return new Transfer(
                seconds, cluster.process(Cluster.ORIGIN).use().since(sender).cpuSeconds(), ShellTimes.parse(said));
    }
}
