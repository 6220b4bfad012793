package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The scheduler's announcements under JMH. */
@Command(
        name = "announce",
        description =
                "Measures what a registration and a whole download cost inside the scheduler, without gRPC and processes (JMH).",
        mixinStandardHelpOptions = true)
public final class AnnounceCommand implements Callable<Integer> {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @Option(
            names = "--peers",
            split = ",",
            description = "How many peers it knows, one measurement each (default: 1000,100000).")
    private List<Integer> peers = List.of(1_000, 100_000);

    @Option(names = "--forks", description = "Processes, one after another (default: ${DEFAULT-VALUE}).")
    private int forks = 1;

    @Option(names = "--iterations", description = "Measured, and as many to warm up (default: ${DEFAULT-VALUE}).")
    private int iterations = 5;

    @Option(names = "--seconds", description = "Length of an iteration (default: ${DEFAULT-VALUE}).")
    private int seconds = 2;

    @Override
    public Integer call() throws RunnerException {
        if (forks < 1 || iterations < 1 || seconds < 1) {
            throw new LabException("--forks, --iterations, --seconds: " + forks + ", " + iterations + ", " + seconds
                    + " (expected: 1 and more)");
        }
        var options = new OptionsBuilder()
                .include(AnnounceBenchmark.class.getName())
                .param("peers", peers.stream().map(String::valueOf).toArray(String[]::new))
                .forks(forks)
                .warmupIterations(iterations)
                .warmupTime(TimeValue.seconds(seconds))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.seconds(seconds))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                // A scheduler's own flags; lib/jvm.sh has the reasons.
                .jvmArgs(
                        "-XX:+UseG1GC",
                        "-Xmx1g",
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow")
                .build();
        System.out.print(markdown(new Runner(options).run()));
        return 0;
    }

    private static String markdown(Collection<RunResult> results) {
        Map<Integer, RunResult> registrations = of("registration", results);
        Map<Integer, RunResult> downloads = of("download", results);
        var out = new StringBuilder("| known peers | a registration, µs | KiB allocated | a download of "
                + AnnounceWorld.PIECES + " pieces, µs | KiB allocated |\n| --- | --- | --- | --- | --- |\n");
        registrations.forEach((known, registration) -> {
            RunResult download = downloads.get(known);
            if (download == null) {
                throw new LabException("no download was measured at " + known + " peers");
            }
            out.append(String.format(
                    Locale.ROOT,
                    "| %,d | %s | %.1f | %s | %.1f |%n",
                    known,
                    withError(registration),
                    kibibytes(registration),
                    withError(download),
                    kibibytes(download)));
        });
        return out.toString();
    }

    private static Map<Integer, RunResult> of(String benchmark, Collection<RunResult> results) {
        var found = new TreeMap<Integer, RunResult>();
        for (RunResult result : results) {
            if (result.getParams().getBenchmark().endsWith("." + benchmark)) {
                found.put(Integer.valueOf(result.getParams().getParam("peers")), result);
            }
        }
        return found;
    }

    /** The mean, and half of what its interval of 99.9 % spans. */
    private static String withError(RunResult result) {
        return String.format(
                Locale.ROOT,
                "%.1f ± %.1f",
                result.getPrimaryResult().getScore(),
                result.getPrimaryResult().getScoreError());
    }

    private static double kibibytes(RunResult result) {
        for (String label : result.getSecondaryResults().keySet()) {
            if (label.endsWith(ALLOCATED)) {
                return result.getSecondaryResults().get(label).getScore() / 1024;
            }
        }
        return Double.NaN;
    }
}
