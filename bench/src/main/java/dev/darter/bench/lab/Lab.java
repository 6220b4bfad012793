package dev.darter.bench.lab;

import dev.darter.bench.scheduler.AnnounceCommand;
import dev.darter.bench.scheduler.SchedulerCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./darter lab}: real processes, measured. */
@Command(
        name = "lab",
        description = "Measures real processes. Those that talk over shaped links in network namespaces need root.",
        subcommands = {
            SwarmCommand.class,
            PairCommand.class,
            FilesCommand.class,
            SchedulerCommand.class,
            AnnounceCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Lab {}
