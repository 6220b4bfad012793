package dev.darter.app.up;

import dev.darter.app.config.ConfigException;
import dev.darter.app.serve.Logs;
import dev.darter.app.serve.StopSignal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code darter up}: a whole cluster on this machine. */
@Command(
        name = "up",
        description = "Run a whole cluster on this machine: manager, scheduler, seed peer, peers.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    private static final Path STANDARD = Path.of(System.getProperty("user.home"), ".darter", "up");

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the cluster keeps everything (default: ~/.darter/up).")
    private Path directory = STANDARD;

    @Option(names = "--peers", paramLabel = "N", description = "How many peers (default: ${DEFAULT-VALUE}).")
    private int peers = 1;

    @Option(
            names = "--port-base",
            paramLabel = "P",
            description = "First of the ports to listen on (default: upstream's ports).")
    private int portBase;

    @Option(names = "--separate", description = "Give every part a process of its own.")
    private boolean separate;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        Cluster.Options options;
        try {
            options = new Cluster.Options(directory, peers, portBase, separate);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Logs.off(); // until there is a directory for them
        var stop = StopSignal.install();
        PrintStream out = System.out;
        try (Cluster cluster = Cluster.start(options, out, stop)) {
            out.println(banner(cluster, options));
            out.println("ready");
            stop.await();
        } catch (InterruptedException e) {
            return stop.ended(0);
        } catch (ConfigException | IOException e) {
            System.err.println("darter up: " + e.getMessage());
            return stop.ended(1);
        } catch (RuntimeException e) {
            stop.ended(1);
            throw e;
        }
        return stop.ended(0);
    }

    /** The commands must work as they stand: the file is the console's own page, which is there on every machine. */
    private static String banner(Cluster cluster, Cluster.Options options) {
        boolean standard = options.directory().equals(STANDARD.toAbsolutePath().normalize());
        Path clusterFile = cluster.directory().resolve("cluster.json");
        String darter = Files.isExecutable(Path.of("darter")) ? "./darter" : "darter";
        String find = standard ? "" : "export DARTER_CLUSTER=" + clusterFile + "\n             ";
        return """

                  Darter is up: manager, scheduler, 1 seed peer, %d %s

                  console    %s
                  user       root
                  password   %s
                  files      %s

                  try        %s%s get %s/ -O /tmp/page.html
                             %s get https://your.server/big.iso -O /tmp/big.iso
                             %s daemon --join %s --name peer-%d

                  Ctrl-C stops everything; started again, it has all it had.
                """.formatted(
                        options.peers(),
                        options.peers() == 1 ? "peer" : "peers",
                        cluster.consoleUrl(),
                        cluster.firstPassword(),
                        cluster.directory(),
                        find,
                        darter,
                        cluster.consoleUrl(),
                        darter,
                        darter,
                        clusterFile,
                        options.peers() + 1);
    }
}
