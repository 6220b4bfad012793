package dev.darter.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code darter get} as one of all commands: the help shows it here; the launcher goes to {@link GetMain} at once. */
@Command(
        name = "get",
        description = "Download a file through this node's daemon.",
        customSynopsis = "darter get URL [-] [flags]")
public final class Get implements Callable<Integer> {
    private static final int WIDTH = 110;

    @Unmatched
    private List<String> words = new ArrayList<>();

    /** Called by picocli. */
    @Spec
    void describe(CommandSpec spec) {
        spec.usageMessage().width(WIDTH).footer(Flag.help(Flag.Tool.GET));
    }

    @Override
    public Integer call() {
        return GetMain.run(words, System.out, System.err);
    }
}
