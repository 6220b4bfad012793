package dev.darter.bench;

import dev.darter.app.serve.Logs;
import dev.darter.bench.lab.Lab;
import dev.darter.bench.sim.Sim;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./darter lab …} and its kin. Exit codes: 0 done, 1 failed, 2 usage. */
@Command(
        name = "darter",
        description = "Measures Darter.",
        subcommands = {Lab.class, Sim.class, CommandLine.HelpCommand.class})
public final class Bench {
    public static void main(String[] arguments) {
        Logs.off();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new Bench());
        commandLine.setExecutionExceptionHandler((e, command, _) -> {
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
            return 1;
        });
        return commandLine;
    }
}
