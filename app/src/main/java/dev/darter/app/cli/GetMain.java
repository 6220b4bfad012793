package dev.darter.app.cli;

import dev.darter.app.cli.lean.CallFailed;
import dev.darter.app.cli.lean.DaemonConnection;
import dev.darter.app.cli.lean.DownloadProgress;
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

    private static final int STANDARD_ERROR = 2;
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
                out.print("Usage: darter get URL [-] [flags]\n"
                        + "Download a file through this node's daemon; a dash is standard output.\n"
                        + Flag.help(Flag.Tool.GET));
                return DONE;
            }
            if (!arguments.unknown().isEmpty()) {
                throw new UsageException(arguments.unknown().getFirst()
                        + ": unknown flag (expected: one of those that darter get --help lists)");
            }
            Wanted wanted = Wanted.of(arguments, false);
            if (wanted.piped() && Pipe.isStandardOutput(wanted.output())) {
                // Standard output is for the content alone.
                report = json ? new JsonReport(err, err) : new PlainReport(err, err, Bar.onTerminal(STANDARD_ERROR));
            }
            return download(arguments, wanted, report, json);
        } catch (Pipe.ReaderGone e) {
            return FAILED; // whoever closed it knows; head(1) is no failure to tell of
        } catch (UsageException e) {
            report.error(BAD_REQUEST, String.valueOf(e.getMessage()));
            return USAGE;
        } catch (ToolException e) {
            report.error(BAD_REQUEST, String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    private static int download(Arguments arguments, Wanted wanted, Report report, boolean json) {
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
            DownloadProgress last = wanted.piped()
                    ? pipe(connection, wanted, report, json)
                    : AskDaemon.download(connection, wanted, report);
            report.done(wanted, last);
            return DONE;
        } catch (CallFailed e) {
            report.error(AskDaemon.code(e), AskDaemon.describe(e, wanted));
            return FAILED;
        }
    }

    private static DownloadProgress pipe(DaemonConnection connection, Wanted wanted, Report report, boolean json)
            throws CallFailed {
        DownloadProgress last;
        String sha256;
        try (Pipe pipe = Pipe.open(wanted, json)) {
            last = AskDaemon.download(connection, wanted, pipe, report);
            sha256 = pipe.sha256();
        }
        return last.sha256().isEmpty() ? last.withSha256(sha256) : last;
    }
}
