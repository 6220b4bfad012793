package dev.darter.bench.lab;

import dev.darter.app.config.Units;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One file to many peers at once, against the fluid limit. */
@Command(
        name = "swarm",
        description =
                "Gives one file to many peers over shaped links and compares the last completion with the physical limit.",
        mixinStandardHelpOptions = true)
final class SwarmCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final long PROCESS_BYTES = 250L << 20;

    @Option(names = "--peers", description = "How many peers (default: ${DEFAULT-VALUE}).")
    private int peers = 8;

    @Option(
            names = "--seeds",
            description = "How many seed peers, all of which read a file together (default: ${DEFAULT-VALUE}).")
    private int seeds = 1;

    @Option(
            names = "--mbit",
            description = "Rate of every link, each direction, in Mbit/s (default: ${DEFAULT-VALUE}).")
    private double mbit = 100;

    @Option(names = "--size", description = "Size of the file (default: ${DEFAULT-VALUE}).")
    private String size = "256MiB";

    @Option(names = "--runs", description = "How many runs, each with a fresh file (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    @Option(names = "--warm", description = "The seed has the file before the peers ask.")
    private boolean warm;

    @Option(
            names = "--pipe",
            description =
                    "Read the content in order while it lands, as darter get URL - does, and take the time to the first MiB too.")
    private boolean pipe;

    @Option(
            names = "--stagger",
            description = "Spread the starts over this time; each peer is then judged from its own start on.")
    private String stagger = "0s";

    @Option(names = "--seed-mbit", description = "Rate of each seed's link (default: as --mbit).")
    private @Nullable Double seedMbit;

    @Option(names = "--origin-mbit", description = "Rate of the origin's link (default: as --mbit).")
    private @Nullable Double originMbit;

    @Option(names = "--slow-peer", description = "Rate of the last peer's link; the others are judged.")
    private @Nullable Double slowPeer;

    @Option(
            names = "--thin-mbit",
            description =
                    "Put the second half of the peers at another place, behind a link of this rate, and say what crossed it.")
    private @Nullable Double thinMbit;

    @Option(names = "--cc", description = "TCP congestion control, such as bbr or cubic (default: the machine's).")
    private @Nullable String congestion;

    @Option(
            names = "--blend",
            description =
                    "Share of the file that peers may read at the origin while the seed delivers, 0 to 1;"
                            + " the limit counts the origin as one more parent then (default: the scheduler's own, and the seed's limit).")
    private @Nullable Double blend;

    @Option(
            names = "--fault",
            description =
                    "What goes wrong, and when (seconds, or a percentage of the limit): kill-peer:30%%@50%%, stop-peer@4s,"
                            + " corrupt-peer@25%%, kill-seed@50%%, kill-scheduler@50%%, restart-scheduler@50%%, kill-manager@0s,"
                            + " kill-origin@50%%. May be given several times.")
    private List<String> faults = new ArrayList<>();

    @Option(
            names = "--outputs",
            description =
                    "A folder on a disk for what peers put out, where memory has no room for it (default: memory).")
    private @Nullable Path outputs;

    @Option(names = "--json", description = "Write everything measured to this file.")
    private @Nullable Path json;

    @Option(names = "--out", description = "Write table, completion curves and logs into this directory.")
    private @Nullable Path out;

    @Option(names = "--daemon-yaml", description = "A file whose text is added to the configuration of every daemon.")
    private @Nullable Path daemonYaml;

    @Override
    public Integer call() throws IOException, InterruptedException {
        SwarmOptions options = options();
        var cleanup = new Cleanup();
        try (cleanup) {
            return measure(options, cleanup);
        }
    }

    SwarmOptions options() {
        return new SwarmOptions(
                peers,
                seeds,
                mbit,
                parse("--size", size, Units::bytes),
                runs,
                warm,
                pipe,
                parse("--stagger", stagger, Units::duration),
                seedMbit == null ? mbit : seedMbit,
                originMbit == null ? mbit : originMbit,
                Optional.ofNullable(slowPeer),
                Optional.ofNullable(thinMbit),
                Optional.ofNullable(congestion),
                Optional.ofNullable(blend),
                faults.stream().map(Fault::parse).toList(),
                Optional.ofNullable(outputs),
                Optional.ofNullable(json),
                Optional.ofNullable(out),
                Optional.ofNullable(daemonYaml));
    }

    private static <T> T parse(String flag, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new LabException(flag + ": " + e.getMessage());
        }
    }

    private static int measure(SwarmOptions options, Cleanup cleanup) throws IOException, InterruptedException {
        // Everybody keeps the file and writes an output; one more for the origin, one for each seed, half a copy to
        // spare.
        int copies = (options.outputs().isPresent() ? 1 : 2) * options.peers() + options.seeds();
        long memory =
                (long) ((copies + 1.5) * options.size()) + (options.peers() + options.seeds() + 3) * PROCESS_BYTES;
        var workspace = cleanup.add(Workspace.open(memory));
        if (options.outputs().isPresent()) {
            var onDisk = cleanup.add(OutputFolder.in(options.outputs().get()));
            Files.createSymbolicLink(Cluster.outputs(workspace.directory()), onDisk.directory());
        }
        Path logs = options.out()
                .map(out -> out.toAbsolutePath().resolve("log"))
                .orElse(workspace.directory().resolve("log"));
        Files.createDirectories(logs);
        var congestion = cleanup.add(CongestionControl.use(options.congestion()));
        var star = cleanup.add(Star.open());
        var runtime = cleanup.add(new RpcRuntime());
        System.err.println("starting " + options.peers() + " peers, "
                + (options.seeds() == 1 ? "a seed" : options.seeds() + " seeds")
                + ", a scheduler, a manager and an origin");
        var cluster = cleanup.add(Cluster.start(star, workspace.directory(), logs, options, runtime));
        var swarm = new Swarm(options, cluster);
        System.err.println("warming up");
        swarm.warmUp();
        var results = new ArrayList<RunResult>();
        for (int i = 1; i <= options.runs(); i++) {
            var result = swarm.run(i);
            results.add(result);
            // After each run: whoever loses patience keeps what was measured.
            write(options, new Report(options, congestion.name(), results));
            System.err.printf("run %d: last %.3f T*, origin %.3f F%n", i, result.last(), result.originCopies());
            if (result.cpuBound()) {
                System.err.printf(
                        "  cpu-bound: not counted; half the rate (--mbit %s) may tell more%n", options.mbit() / 2);
            }
            result.peers().stream()
                    .filter(peer -> peer.counts() && !peer.message().isEmpty())
                    .forEach(peer -> System.err.println("  " + peer.name() + ": " + peer.message()));
        }
        System.out.print(new Report(options, congestion.name(), results).markdown());
        return results.stream().anyMatch(run -> run.failed() > 0) ? FAILED : 0;
    }

    private static void write(SwarmOptions options, Report report) throws IOException {
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        if (options.out().isPresent()) {
            Path out = options.out().get();
            String name = "swarm-" + options.peers();
            Files.writeString(out.resolve(name + ".svg"), Curves.svg(report.title(), report.typical()));
            Files.writeString(out.resolve(name + ".md"), report.markdown() + "\n" + report.linksMarkdown());
        }
    }
}
