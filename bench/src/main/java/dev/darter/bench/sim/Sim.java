package dev.darter.bench.sim;

import dev.darter.app.config.Units;
import dev.darter.peer.choice.MeshRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./darter sim}: swarms of any size, played by the policies that the daemon and the scheduler run. */
@Command(
        name = "sim",
        description =
                "Simulates one file to many peers and compares the last completion with the physical limit. Flags that may"
                        + " be given several times, or several values, make a row of the table for each combination.",
        mixinStandardHelpOptions = true)
public final class Sim implements Callable<Integer> {
    private static final int FAILED = 1;

    @Option(names = "--peers", split = ",", description = "How many peers, such as 1000,10000 (default: 1000).")
    private List<Integer> peers = new ArrayList<>();

    @Option(names = "--size", description = "Size of the file (default: ${DEFAULT-VALUE}).")
    private String size = "64MiB";

    @Option(names = "--block", split = ",", description = "Length of a block (default: 256KiB).")
    private List<String> blocks = new ArrayList<>();

    @Option(
            names = "--mbit",
            description = "Rate of every link, each direction, in Mbit/s (default: ${DEFAULT-VALUE}).")
    private double mbit = 100;

    @Option(names = "--seed-mbit", description = "Rate of the seed's link (default: as --mbit).")
    private @Nullable Double seedMbit;

    @Option(names = "--origin-mbit", description = "Rate of the origin's link (default: as --mbit).")
    private @Nullable Double originMbit;

    @Option(
            names = "--slow",
            description = "A share of the peers with other links, such as 10%%:5mbit; the others are judged.")
    private List<String> slow = new ArrayList<>();

    @Option(
            names = "--stagger",
            description = "Spread the starts over this time; each peer is judged from its own start on.")
    private String stagger = "0s";

    @Option(
            names = "--leave",
            description =
                    "A share of the peers that go, and when, such as 30%%@50%% (of the limit); the others are judged.")
    private List<String> leaves = new ArrayList<>();

    @Option(names = "--locations", description = "Places over which the hosts are spread (default: ${DEFAULT-VALUE}).")
    private int locations = 1;

    @Option(
            names = "--thin-mbit",
            description = "Rate of each place's line to the others, each direction (default: as --mbit).")
    private @Nullable Double thinMbit;

    @Option(names = "--latency", description = "Of every message (default: ${DEFAULT-VALUE}).")
    private String latency = "500us";

    @Option(
            names = "--policy",
            split = ",",
            description = "rarest (the daemon's), readers, in-order, random (default: rarest).")
    private List<String> policies = new ArrayList<>();

    @Option(names = "--links", split = ",", description = "Neighbours of a peer (default: the daemon's).")
    private List<Integer> links = new ArrayList<>();

    @Option(names = "--requests", split = ",", description = "Requests of a peer at a time (default: the daemon's).")
    private List<Integer> requests = new ArrayList<>();

    @Option(
            names = "--uploads",
            split = ",",
            description = "Blocks that a host gives at a time (default: the daemon's).")
    private List<Integer> uploads = new ArrayList<>();

    @Option(
            names = "--queue",
            split = ",",
            description = "Requests that wait at a host before it says that it is busy (default: the daemon's).")
    private List<Integer> queues = new ArrayList<>();

    @Option(names = "--seed", description = "Of all chance (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--json", description = "Write everything to this file.")
    private @Nullable Path json;

    @Option(names = "--out", description = "Write a table and curves into this directory.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        var results = new ArrayList<SimResult>();
        var table = new StringBuilder(SimReport.HEAD);
        System.out.print(SimReport.HEAD);
        for (Scenario scenario : scenarios()) {
            long began = System.nanoTime();
            SimResult result = new SimSwarm(scenario).run();
            results.add(result);
            String row = SimReport.row(result, Duration.ofNanos(System.nanoTime() - began));
            System.out.print(row);
            table.append(row);
            write(results, table.toString());
        }
        return results.stream().anyMatch(result -> result.unfinished() > 0) ? FAILED : 0;
    }

    private void write(List<SimResult> results, String table) throws IOException {
        if (json != null) {
            Files.writeString(json, SimReport.json(results));
        }
        if (out != null) {
            Files.createDirectories(out);
            Files.writeString(out.resolve("sim.md"), table);
            String name =
                    "sim-" + results.size() + "-" + results.getLast().scenario().peers() + ".svg";
            Files.writeString(out.resolve(name), SimReport.svg(results.getLast()));
        }
    }

    List<Scenario> scenarios() {
        var all = new ArrayList<Scenario>();
        MeshRules rules = MeshRules.DEFAULT;
        long bytes = parse("--size", size, Units::bytes);
        for (int count : orElse(peers, 1000)) {
            for (String block : orElse(blocks, "256KiB")) {
                for (int mostLinks : orElse(links, rules.mostLinks())) {
                    for (int mostRequests : orElse(requests, rules.mostRequests())) {
                        for (int openUploads : orElse(uploads, rules.openUploads())) {
                            for (int queue : orElse(queues, rules.longestQueue())) {
                                for (String policy : orElse(policies, Policy.RAREST.text())) {
                                    var tried = new MeshRules(
                                            rules.firstLinks() * mostLinks / rules.mostLinks(),
                                            rules.soughtLinks() * mostLinks / rules.mostLinks(),
                                            mostLinks,
                                            rules.spread(),
                                            rules.nextPerLink(),
                                            mostRequests,
                                            rules.mostFarRequests(),
                                            rules.mostRacers(),
                                            openUploads,
                                            rules.openFirstCopies(),
                                            queue,
                                            rules.newsNanos());
                                    int length = Math.toIntExact(parse("--block", block, Units::bytes));
                                    int blockCount = (int) ((bytes + length - 1) / length);
                                    all.add(scenario(count, blockCount, length, policy, tried));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    private Scenario scenario(int count, int blockCount, int blockBytes, String policy, MeshRules rules) {
        return new Scenario(
                count,
                blockCount,
                blockBytes,
                mbit,
                seedMbit == null ? mbit : seedMbit,
                originMbit == null ? mbit : originMbit,
                slow.stream().map(Sim::slow).toList(),
                parse("--stagger", stagger, Units::duration),
                leaves.stream().map(Sim::leave).toList(),
                locations,
                thinMbit == null ? mbit : thinMbit,
                parse("--latency", latency, Units::duration),
                Policy.parse(policy),
                rules,
                seed);
    }

    private static <T> List<T> orElse(List<T> given, T otherwise) {
        return given.isEmpty() ? List.of(otherwise) : given;
    }

    private static Scenario.Slow slow(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 2 || !parts[1].endsWith("mbit")) {
            throw new SimException("--slow: " + text + " (expected: such as 10%:5mbit)");
        }
        String rate = parts[1].substring(0, parts[1].length() - "mbit".length());
        return new Scenario.Slow(share("--slow", text, parts[0]), number("--slow", text, rate));
    }

    private static Scenario.Leave leave(String text) {
        String[] parts = text.split("@", -1);
        if (parts.length != 2) {
            throw new SimException("--leave: " + text + " (expected: such as 30%@50%)");
        }
        return new Scenario.Leave(share("--leave", text, parts[0]), share("--leave", text, parts[1]));
    }

    private static double share(String flag, String text, String part) {
        if (!part.endsWith("%")) {
            throw new SimException(flag + ": " + text + " (expected: a percentage)");
        }
        return number(flag, text, part.substring(0, part.length() - 1)) / 100;
    }

    private static double number(String flag, String text, String part) {
        try {
            double value = Double.parseDouble(part);
            if (value >= 0 && value <= 1e9) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new SimException(flag + ": " + text + " (expected: a number where it says " + part + ")");
    }

    private static <T> T parse(String flag, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new SimException(flag + ": " + e.getMessage());
        }
    }
}
