package dev.darter.app;

import dev.darter.app.cli.Get;
import dev.darter.app.demo.DemoCommand;
import dev.darter.app.serve.Service;
import dev.darter.app.up.Join;
import dev.darter.app.up.UpCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code darter}: everything under one name. Exit codes: 0 done, 1 failed, 2 usage. */
@Command(
        name = "darter",
        description = "Distributes files inside a data centre, peer to peer.",
        synopsisSubcommandLabel = "COMMAND",
        optionListHeading = "%n",
        commandListHeading = "",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            Get.class,
            Main.Manager.class,
            Main.Scheduler.class,
            Main.Daemon.class,
            CommandLine.HelpCommand.class
        },
        footer = {"", "darter COMMAND --help tells more of one. Exit codes: 0 done, 1 failed, 2 usage."},
        mixinStandardHelpOptions = true,
        version = "darter 0.1.0 (in place of Dragonfly v2.1.28)")
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new Main());
        commandLine.setExecutionExceptionHandler((e, command, _) -> {
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
            return 1;
        });
        commandLine.setParameterExceptionHandler(Usage::complain);
        commandLine
                .getHelpSectionMap()
                .put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Usage::commands);
        return commandLine;
    }

    /** Without a command: what there is. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
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
        @Option(
                names = "--join",
                paramLabel = "FILE",
                description = "Become one more peer of the cluster on this machine that wrote this cluster.json.")
        private @Nullable Path join;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "What the peer that joins is called, such as peer-6.")
        private @Nullable String name;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Override
        public Integer call() {
            if (join == null && name == null) {
                return run(Service.Kind.DAEMON);
            }
            if (join == null || name == null || config != null) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "--join and --name: go together, and without --config");
            }
            return Join.run(join, name, new Service.Flags(strict, console, verbose));
        }
    }
}
