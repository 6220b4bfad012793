package dev.darter.app.cli;

import dev.darter.app.serve.Service;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code dfget daemon}: the daemon with upstream's flags. What a flag says comes before what the file says. */
final class DfgetDaemon {
    private static final int FAILED = 1;

    /** Flags, and the keys that they stand for. */
    private static final Map<Flag, String> KEYS = Map.of(
            Flag.DAEMON_SOCK, "download.downloadGRPC.unixListen.socket",
            Flag.WORK_HOME, "workHome",
            Flag.LOG_DIR, "logDir",
            Flag.DATA_DIR, "dataDir",
            Flag.CACHE_DIR, "cacheDir");

    private DfgetDaemon() {}

    /** Runs until it is told to stop, or has had nothing to do for its alive time; the exit code. */
    static int run(List<String> words, PrintStream out, PrintStream err) {
        Arguments arguments;
        try {
            arguments = Arguments.parse(words, Flag.Tool.DAEMON);
        } catch (UsageException e) {
            err.println("Error: " + e.getMessage());
            return FAILED;
        }
        if (arguments.on(Flag.HELP)) {
            out.print("Usage: dfget daemon [flags]\nRun this node's daemon.\n" + Flag.help(Flag.Tool.DAEMON));
            return 0;
        }
        if (!arguments.unknown().isEmpty()) {
            err.println("dfget daemon: " + String.join(", ", arguments.unknown())
                    + ": unknown, ignored (expected: flags that dfget daemon --help lists)");
        }
        var instead = new HashMap<String, String>();
        KEYS.forEach((flag, key) -> {
            if (arguments.has(flag)) {
                instead.put(key, arguments.text(flag));
            }
        });
        String config = arguments.text(Flag.CONFIG);
        return Service.run(
                Service.Kind.DAEMON,
                config.isEmpty() ? Service.Kind.DAEMON.defaultFile() : Path.of(config),
                new Service.Flags(
                        arguments.on(Flag.STRICT), arguments.on(Flag.CONSOLE), arguments.on(Flag.VERBOSE), instead));
    }
}
