package dev.darter.app;

import dev.darter.app.cli.Get;
import dev.darter.app.config.ConfigException;
import dev.darter.app.serve.Logs;
import dev.darter.app.serve.Service;
import dev.darter.app.up.Cluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code darter}: everything under one name. Exit codes: 0 done, 1 failed, 2 usage. */
@Command(
        name = "darter",
        description = "Distributes files inside a data centre, peer to peer.",
        subcommands = {
            Main.Up.class,
            Main.Manager.class,
            Main.Scheduler.class,
            Main.Daemon.class,
            Get.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        version = "darter 0.1.0")
public final class Main {
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new Main());
        commandLine.setExecutionExceptionHandler((e, command, _) -> {
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
            return 1;
        });
        return commandLine;
    }

    /** A whole cluster on this machine. */
    @Command(
            name = "up",
            description = "Run a whole cluster on this machine: manager, scheduler, seed peer, peers.",
            mixinStandardHelpOptions = true)
    static final class Up implements Callable<Integer> {
        @Option(names = "--dir", description = "Where the cluster keeps everything (default: ~/.darter/up).")
        private Path directory = Path.of(System.getProperty("user.home"), ".darter", "up");

        @Option(names = "--peers", description = "How many peers (default: ${DEFAULT-VALUE}).")
        private int peers = 1;

        @Option(names = "--port-base", description = "First of the ports to listen on (default: upstream's ports).")
        private int portBase;

        @Option(names = "--separate", description = "Give every part a process of its own.")
        private boolean separate;

        @Override
        public Integer call() throws IOException, InterruptedException {
            var options = new Cluster.Options(directory, peers, portBase, separate);
            Logs.files(options.directory().resolve("log"), "up", false);
            Cluster cluster;
            try {
                cluster = Cluster.start(options, System.out);
            } catch (ConfigException e) {
                System.err.println("darter up: " + e.getMessage());
                return 1;
            }
            print(cluster, options);
            var stop = new CountDownLatch(1);
            var stopped = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                try {
                    stopped.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            try {
                stop.await();
                cluster.close();
            } finally {
                stopped.countDown();
            }
            return 0;
        }

        private static void print(Cluster cluster, Cluster.Options options) {
            Path socket = cluster.sockets().values().iterator().next();
            boolean standard = options.directory().equals(Path.of(System.getProperty("user.home"), ".darter", "up"));
            String find = standard ? "" : " --daemon-sock " + socket;
            System.out.println("""

                      Darter is up: manager, scheduler, 1 seed peer, %d %s

                      console    %s
                      user       root
                      password   %s
                      files      %s

                      try        darter get http://example.com/file -O /tmp/file%s
                                 darter get http://example.com/file --json%s
                                 darter daemon --join %s --name peer-%d
                    """.formatted(
                            options.peers(),
                            options.peers() == 1 ? "peer" : "peers",
                            cluster.consoleUrl(),
                            cluster.firstPassword(),
                            cluster.directory(),
                            find,
                            find,
                            cluster.directory().resolve("cluster.json"),
                            options.peers() + 1));
            System.out.println("ready");
        }
    }

    /** What the three services have in common. */
    abstract static class ServiceCommand implements Callable<Integer> {
        @Option(names = "--config", description = "Configuration file, in upstream's form.")
        protected @Nullable Path config;

        @Option(names = "--strict", description = "Refuse keys that nobody knows.")
        protected boolean strict;

        @Option(names = "--console", description = "Log to standard output.")
        protected boolean console;

        @Option(names = "--verbose", description = "Log more.")
        protected boolean verbose;

        /** Upstream's flags that have no meaning here; taken so that its command lines work. */
        @Option(
                names = {"--pprof-port", "--jaeger", "--service-name", "--launcher"},
                hidden = true,
                arity = "1")
        protected @Nullable List<String> ignored;

        int run(Service.Kind kind) {
            Path file = config == null ? kind.defaultFile() : config;
            return Service.run(kind, file, new Service.Flags(strict, console, verbose));
        }
    }

    @Command(name = "manager", description = "Run a manager.", mixinStandardHelpOptions = true)
    static final class Manager extends ServiceCommand {
        @Override
        public Integer call() {
            return run(Service.Kind.MANAGER);
        }
    }

    @Command(name = "scheduler", description = "Run a scheduler.", mixinStandardHelpOptions = true)
    static final class Scheduler extends ServiceCommand {
        @Override
        public Integer call() {
            return run(Service.Kind.SCHEDULER);
        }
    }

    @Command(
            name = "daemon",
            description = "Run a peer, or a seed peer if its configuration says so.",
            mixinStandardHelpOptions = true)
    static final class Daemon extends ServiceCommand {
        @Override
        public Integer call() {
            return run(Service.Kind.DAEMON);
        }
    }
}
