package dev.darter.bench.scheduler;

import dev.darter.bench.lab.Cleanup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The scheduler alone, driven over gRPC on loopback. */
@Command(
        name = "scheduler",
        description = "Starts the distribution's scheduler, tells it of many peers, and measures what one more costs:"
                + " a registration is RegisterPeerTask, the report stream, the begin marker and the first parents.",
        mixinStandardHelpOptions = true)
public final class SchedulerCommand implements Callable<Integer> {
    @Option(
            names = "--peers",
            split = ",",
            description = "How many peers it knows, one measurement each (default: 1000,100000).")
    private List<Integer> peers = List.of(1_000, 100_000);

    @Option(
            names = "--streams",
            description =
                    "Peers that run and keep their streams, at most; never more than a tenth (default: ${DEFAULT-VALUE}).")
    private int streams = 10_000;

    @Option(names = "--tasks", description = "Tasks that every host has (default: ${DEFAULT-VALUE}).")
    private int tasks = 50;

    @Option(names = "--pieces", description = "Pieces of each task (default: ${DEFAULT-VALUE}).")
    private int pieces = 64;

    @Option(names = "--places", description = "Data centres that hosts are spread over (default: ${DEFAULT-VALUE}).")
    private int places = 4;

    @Option(names = "--v1", description = "The peers are v2.1.28's, not Darter's.")
    private boolean v1;

    @Option(names = "--seconds", description = "Length of each measured part (default: ${DEFAULT-VALUE}).")
    private double seconds = 10;

    @Option(names = "--warm-up", description = "Seconds of registrations before (default: ${DEFAULT-VALUE}).")
    private double warmUp = 20;

    @Option(names = "--json", description = "Write the figures into this file, too.")
    private @Nullable Path json;

    SchedulerOptions options() {
        return new SchedulerOptions(peers, streams, seconds, warmUp, new Population(tasks, pieces, places, !v1));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        SchedulerOptions options = options();
        var results = new ArrayList<SchedulerResult>();
        try (var cleanup = new Cleanup()) {
            Path directory = Files.createTempDirectory("darter-scheduler-");
            cleanup.add(() -> remove(directory));
            for (int number : options.peers()) {
                results.add(new Measurement(options, number, System.err::println)
                        .run(
                                Path.of(System.getProperty("darter.home", "")),
                                directory.resolve(Integer.toString(number))));
            }
        }
        var report = new SchedulerReport(options, results);
        System.out.print(report.markdown());
        if (json != null) {
            Files.writeString(json, report.json());
        }
        return 0;
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
