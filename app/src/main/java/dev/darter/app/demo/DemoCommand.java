package dev.darter.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.Units;
import dev.darter.app.serve.Logs;
import dev.darter.app.serve.StopSignal;
import dev.darter.app.up.Cluster;
import dev.darter.app.up.FreePorts;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code darter demo}: the tour in one command. */
@Command(
        name = "demo",
        description = "Watch one file reach many peers: a cluster, an origin with a narrow link, a table.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final String UPLOADED = "darter_peer_uploaded_bytes_total ";

    /** A port of the control plane's block that nothing else uses. */
    private static final int ORIGIN_PORT = 5;

    private static final long LEAST_SIZE = 1 << 20;
    private static final long MOST_SIZE = 64L << 30;
    private static final long LEAST_RATE = 1 << 20;

    @Option(names = "--peers", paramLabel = "N", description = "How many download (default: ${DEFAULT-VALUE}).")
    private int peers = 5;

    @Option(names = "--size", paramLabel = "BYTES", description = "Size of the file (default: ${DEFAULT-VALUE}).")
    private String size = "128MiB";

    @Option(
            names = "--link",
            paramLabel = "BYTES",
            description = "What the origin's link carries a second (default: ${DEFAULT-VALUE}).")
    private String link = "16MiB";

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where everything lies; kept afterwards (default: a temporary directory).")
    private @Nullable Path directory;

    @Option(
            names = "--port-base",
            paramLabel = "P",
            description = "First of the ports to listen on (default: free ones).")
    private int portBase;

    @Option(names = "--no-wait", description = "End at once instead of at a key.")
    private boolean noWait;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private final PrintStream out = System.out;
    private final Style style = Style.here();

    @Override
    public Integer call() {
        long bytes = amount("--size", size, LEAST_SIZE, MOST_SIZE);
        long rate = amount("--link", link, LEAST_RATE, MOST_SIZE);
        try {
            var _ = new Cluster.Options(Path.of(""), peers, portBase, false);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Logs.off(); // until there is a directory for them
        var stop = StopSignal.install();
        try {
            Path place = directory == null ? Files.createTempDirectory("darter-demo-") : directory.toAbsolutePath();
            try {
                int base = portBase == 0 ? FreePorts.base(peers) : portBase;
                boolean well = run(new Cluster.Options(place, peers, base, false), bytes, rate, stop);
                return stop.ended(well ? 0 : 1);
            } finally {
                if (directory == null) {
                    delete(place);
                }
            }
        } catch (InterruptedException e) {
            return stop.ended(1);
        } catch (ConfigException | IOException e) {
            System.err.println("darter demo: " + e.getMessage());
            return stop.ended(1);
        } catch (RuntimeException e) {
            stop.ended(1);
            throw e;
        }
    }

    private boolean run(Cluster.Options options, long bytes, long rate, StopSignal stop)
            throws IOException, InterruptedException {
        out.println();
        out.println("  " + style.bold("Darter demo") + "  " + Style.bytes(bytes) + " for " + options.peers()
                + " machines at once, from an origin that sends " + Style.bytes(rate) + "/s");
        out.println();
        long started = System.nanoTime();
        try (Cluster cluster = Cluster.start(options, out, stop);
                var origin = DemoOrigin.start(options.portBase() + ORIGIN_PORT, bytes, rate);
                var runtime = new RpcRuntime()) {
            out.println("  "
                    + style.dim("manager, scheduler, 1 seed peer and " + options.peers() + " peers are up after "
                            + Style.seconds(System.nanoTime() - started)));
            out.println();
            Outcome outcome = download(cluster, origin, bytes, rate, runtime, stop);
            out.println(outcome.table(style));
            if (!outcome.isWell()) {
                System.err.println("darter demo: not every file arrived as the origin has it (expected: all "
                        + options.peers() + "; see " + cluster.directory().resolve("log") + ")");
            }
            if (!noWait) {
                waitForKey(cluster, stop);
            }
            return outcome.isWell();
        }
    }

    private Outcome download(
            Cluster cluster, DemoOrigin origin, long bytes, long rate, RpcRuntime runtime, StopSignal stop)
            throws IOException, InterruptedException {
        String sha256 = origin.sha256();
        Path outputs = Files.createDirectories(cluster.directory().resolve("downloads"));
        var downloads = new ArrayList<PeerDownload>();
        cluster.sockets()
                .forEach((name, socket) -> downloads.add(
                        new PeerDownload(name, socket, origin.url(), outputs.resolve(name + ".bin"), sha256, runtime)));
        long started = System.nanoTime();
        List<Thread> threads = downloads.stream()
                .map(download -> Thread.ofVirtual().name(download.peer()).start(download))
                .toList();
        new Screen(out, style, origin, bytes).watch(downloads, threads, stop);
        long nanos = System.nanoTime() - started;
        long slowest = downloads.stream().mapToLong(PeerDownload::nanos).max().orElse(nanos);
        return new Outcome(downloads, bytes, slowest, origin.sentBytes(), uploaded(cluster), rate);
    }

    /** What each daemon says it gave to others. */
    private static Map<String, Long> uploaded(Cluster cluster) throws IOException {
        var uploaded = new LinkedHashMap<String, Long>();
        for (var entry : cluster.metrics().entrySet()) {
            uploaded.put(entry.getKey(), uploadedBytes(entry.getValue()));
        }
        return uploaded;
    }

    private static long uploadedBytes(URI metrics) throws IOException {
        try (var answer = metrics.toURL().openStream()) {
            return new String(answer.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(UPLOADED))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(UPLOADED.length())))
                    .sum();
        }
    }

    private void waitForKey(Cluster cluster, StopSignal stop) throws IOException, InterruptedException {
        out.println("  console   " + style.cyan(cluster.consoleUrl()) + "   user root, password "
                + cluster.firstPassword());
        out.println("  " + style.dim("Enter ends the demo."));
        out.flush();
        var key = Thread.ofPlatform().daemon().start(() -> {
            try {
                var _ = System.in.read();
            } catch (IOException e) {
                // no more input is as good as a key
            }
        });
        while (key.isAlive() && !stop.await(100)) {
            // still looking at it
        }
    }

    private long amount(String option, String text, long least, long most) {
        String expected = option + ": " + text + " (expected: " + Style.bytes(least) + " or more, such as 128MiB)";
        long bytes;
        try {
            bytes = Units.bytes(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), expected, e);
        }
        if (bytes < least || bytes > most) {
            throw new ParameterException(spec.commandLine(), expected);
        }
        return bytes;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
