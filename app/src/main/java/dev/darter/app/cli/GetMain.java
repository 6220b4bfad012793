package dev.darter.app.cli;

import dev.darter.app.cli.lean.CallFailed;
import dev.darter.app.cli.lean.DaemonConnection;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code darter get URL}: one download through this node's daemon. Strict: a command line that is not understood does nothing. Loads
 * neither gRPC nor any other library; its class path holds none.
 */
public final class GetMain {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private static final int BAD_REQUEST = 1400;

    private GetMain() {}

    public static void main(String[] words) {
        System.exit(run(List.of(words), System.out, System.err));
    }

    /** @return the exit code */
    static int run(List<String> words, PrintStream out, PrintStream err) {
        boolean json = words.contains(Flag.JSON.written());
        Report report = json ? new JsonReport(out, err) : new PlainReport(out, err, Bar.onTerminal());
        try {
            var arguments = Arguments.parse(words, Flag.Tool.GET);
            if (arguments.on(Flag.HELP)) {
                out.print("Usage: darter get URL [flags]\n" + "Download a file through this node's daemon.\n"
                        + Flag.help(Flag.Tool.GET));
                return DONE;
            }
            if (!arguments.unknown().isEmpty()) {
                throw new UsageException(arguments.unknown().getFirst()
                        + ": unknown flag (expected: one of those that darter get --help lists)");
            }
            return download(arguments, report);
        } catch (UsageException e) {
            report.error(BAD_REQUEST, String.valueOf(e.getMessage()));
            return USAGE;
        } catch (ToolException e) {
            report.error(BAD_REQUEST, String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    private static int download(Arguments arguments, Report report) {
        Wanted wanted = Wanted.of(arguments, false);
        List<Path> sockets = FindDaemon.sockets(arguments.text(Flag.DAEMON_SOCK));
        Optional<DaemonConnection> daemon = AskDaemon.open(sockets);
        if (daemon.isEmpty()) {
            report.error(
                    CallFailed.UNAVAILABLE,
                    "daemon: none answers at " + sockets.getLast()
                            + " (expected: a running one; darter up starts a cluster)");
            return FAILED;
        }
        try (var connection = daemon.get()) {
            report.begin(wanted);
            report.done(wanted, AskDaemon.download(connection, wanted, report));
            return DONE;
        } catch (CallFailed e) {
            report.error(AskDaemon.code(e), AskDaemon.describe(e, wanted));
            return FAILED;
        }
    }
}
