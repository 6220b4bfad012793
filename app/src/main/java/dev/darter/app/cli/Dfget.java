package dev.darter.app.cli;

import dev.darter.app.cli.lean.CallFailed;
import dev.darter.app.cli.lean.DaemonConnection;
import dev.darter.app.cli.lean.DownloadProgress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One download as upstream's dfget does it: through this node's daemon, which is started if there is none; straight from the source if
 * that fails, unless the user forbids it. Lenient: an unknown flag is a warning.
 */
final class Dfget {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int BAD_REQUEST = 1400;

    /** Upstream's flags for which there is nothing to act on. */
    private static final Flag[] IDLE = {
        Flag.LIST, Flag.LEVEL, Flag.ACCEPT_REGEX, Flag.REJECT_REGEX, Flag.PPROF_PORT, Flag.JAEGER, Flag.SERVICE_NAME
    };

    private final Arguments arguments;
    private final Report report;

    private Dfget(Arguments arguments, Report report) {
        this.arguments = arguments;
        this.report = report;
    }

    /** @return the exit code */
    static int run(List<String> words, PrintStream out, PrintStream err) {
        boolean json = words.contains(Flag.JSON.written());
        Report report = json ? new JsonReport(out, err) : new DfgetReport(out, err, false);
        try {
            var arguments = Arguments.parse(words, Flag.Tool.DFGET);
            if (arguments.on(Flag.HELP)) {
                out.print(help());
                return DONE;
            }
            warn(arguments, err);
            if (!json && arguments.on(Flag.SHOW_PROGRESS) && !arguments.on(Flag.CONSOLE)) {
                report = new DfgetReport(out, err, true);
            }
            return new Dfget(arguments, report).download();
        } catch (ToolException e) {
            report.error(BAD_REQUEST, String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    static String help() {
        return "Usage: dfget URL -O PATH [flags]\n"
                + "       dfget daemon [flags] | version | plugin | help\n"
                + "Download a file through this node's daemon, which is started if it does not run.\n"
                + Flag.help(Flag.Tool.DFGET);
    }

    private static void warn(Arguments arguments, PrintStream err) {
        if (!arguments.unknown().isEmpty()) {
            err.println("dfget: " + String.join(", ", arguments.unknown())
                    + ": unknown, ignored (expected: flags that dfget --help lists)");
        }
        var idle = new ArrayList<String>();
        for (Flag flag : IDLE) {
            if (arguments.has(flag)) {
                idle.add(flag.written());
            }
        }
        if (!idle.isEmpty()) {
            err.println("dfget: " + String.join(", ", idle)
                    + ": nothing to act on (directories and traces come in a later version)");
        }
    }

    private int download() {
        if (arguments.on(Flag.RECURSIVE)) {
            throw new ToolException(
                    "--recursive: true (expected: false; directories can be downloaded in a later version)");
        }
        long began = System.nanoTime();
        Wanted wanted = Wanted.of(arguments, true);
        report.begin(wanted);
        int code;
        String reason;
        try {
            Optional<DaemonConnection> daemon = daemon();
            if (daemon.isPresent()) {
                try (var connection = daemon.get()) {
                    report.done(wanted, AskDaemon.download(connection, wanted, report));
                    return DONE;
                }
            }
            code = CallFailed.UNAVAILABLE;
            reason = "daemon: none answers (expected: a running one)";
        } catch (CallFailed e) {
            code = AskDaemon.code(e);
            reason = AskDaemon.describe(e, wanted);
        } catch (ToolException e) {
            code = CallFailed.UNAVAILABLE;
            reason = String.valueOf(e.getMessage());
        }
        if (wanted.disableBackSource() || wanted.originalOffset() || code == CallFailed.DEADLINE_EXCEEDED) {
            report.error(code, reason);
            return FAILED;
        }
        report.note("daemon downloads file error: " + reason);
        report.note("try to download from source");
        DownloadProgress last = SourceDownload.run(wanted, began, report);
        report.done(wanted, last);
        return DONE;
    }

    /** @throws ToolException why there is none and none could be started */
    private Optional<DaemonConnection> daemon() {
        List<Path> sockets = FindDaemon.sockets(arguments.text(Flag.DAEMON_SOCK));
        Optional<DaemonConnection> running = AskDaemon.open(sockets);
        if (running.isPresent()) {
            return running;
        }
        StartDaemon.of(arguments, sockets.getLast()).run();
        return AskDaemon.open(sockets);
    }
}
