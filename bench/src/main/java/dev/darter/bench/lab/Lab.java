package dev.darter.bench.lab;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./darter lab}: real processes, measured. */
@Command(
        name = "lab",
        description = "Measures real processes in network namespaces with shaped links. Needs root.",
        subcommands = {SwarmCommand.class, PairCommand.class, FilesCommand.class, CommandLine.HelpCommand.class})
public final class Lab {}
