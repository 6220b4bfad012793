package dev.darter.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.app.cli.lean.CallFailed;
import dev.darter.app.cli.lean.DaemonConnection;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a daemon for a tool that found none. Of many tools at once one starts it, under a lock in the daemon's working directory; the
 * others wait and find it.
 */
final class StartDaemon {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final long HEALTH_MILLIS = 2000;
    private static final int LONGEST_COMPLAINT = 16 << 10;

    private static final Path NODE_CONFIG = Path.of("/etc/dragonfly/dfget.yaml");
    private static final String NODE_HOME = "/usr/local/dragonfly";

    /** In a session of its own, so that no signal meant for the tool reaches the daemon. */
    private static final String DETACH =
            "command -v setsid >/dev/null && exec setsid \"$@\"; trap '' HUP INT; exec \"$@\"";

    private final List<String> command;
    private final Path workHome;
    private final Path socket;

    /** @param command starts the daemon, which is to answer at {@code socket} */
    StartDaemon(List<String> command, Path workHome, Path socket) {
        this.command = List.copyOf(command);
        this.workHome = workHome;
        this.socket = socket;
    }

    /**
     * The daemon that a command line of dfget asks for.
     *
     * @throws ToolException if nothing tells where such a daemon would find its scheduler
     */
    static StartDaemon of(Arguments arguments, Path socket) {
        String config = arguments.text(Flag.CONFIG);
        String variable = System.getenv("DFGET_CONFIG");
        if (config.isEmpty() && (variable == null || variable.isEmpty()) && !Files.exists(NODE_CONFIG)) {
            throw new ToolException("daemon: none answers at " + socket + " and none can be started: " + NODE_CONFIG
                    + " does not exist (expected: a running daemon, that file, or --config)");
        }
        String home = System.getProperty("darter.home", "");
        var command = new ArrayList<String>();
        command.add(home + "/bin/dfget");
        command.add("daemon");
        add(command, Flag.LAUNCHER, Long.toString(ProcessHandle.current().pid()));
        add(command, Flag.DAEMON_SOCK, absolute(socket.toString()));
        for (Flag flag : new Flag[] {Flag.CONFIG, Flag.WORK_HOME, Flag.LOG_DIR, Flag.DATA_DIR, Flag.CACHE_DIR}) {
            if (arguments.has(flag)) {
                add(command, flag, absolute(arguments.text(flag)));
            }
        }
        if (arguments.on(Flag.VERBOSE)) {
            command.add(Flag.VERBOSE.written());
        }
        String workHome = arguments.text(Flag.WORK_HOME);
        return new StartDaemon(command, Path.of(workHome.isEmpty() ? NODE_HOME : workHome), socket);
    }

    /** The daemon outlives the directory that the tool was started in. */
    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().toString();
    }

    private static void add(List<String> command, Flag flag, String value) {
        command.add(flag.written());
        command.add(value);
    }

    /**
     * Returns when a daemon answers.
     *
     * @throws ToolException why none does
     */
    void run() {
        Path lock = workHome.resolve("dfget.lock");
        try {
            Files.createDirectories(workHome);
            try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                if (!answers()) {
                    await(spawn());
                }
            }
        } catch (IOException e) {
            throw new ToolException("daemon: none could be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("daemon: interrupted while it started");
        }
    }

    private Process spawn() throws IOException {
        var detached = new ArrayList<>(List.of("/bin/sh", "-c", DETACH, "sh"));
        detached.addAll(command);
        return new ProcessBuilder(detached)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(Redirect.DISCARD)
                .start();
    }

    private void await(Process daemon) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (!daemon.isAlive()) {
                throw new ToolException("daemon: it ended with " + daemon.exitValue() + ": " + complaint(daemon));
            }
            if (System.nanoTime() > end) {
                throw new ToolException("daemon: started, but nobody answers at " + socket + " after "
                        + PATIENCE.toSeconds() + " s (expected: an answer)");
            }
            Thread.sleep(PAUSE);
        }
    }

    /** The last thing it said. */
    private static String complaint(Process daemon) throws IOException {
        String said = new String(daemon.getErrorStream().readNBytes(LONGEST_COMPLAINT), UTF_8).strip();
        return said.isEmpty() ? "it did not say why" : said.substring(said.lastIndexOf('\n') + 1);
    }

    private boolean answers() {
        try (var daemon = DaemonConnection.open(socket)) {
            daemon.checkHealth(HEALTH_MILLIS);
            return true;
        } catch (IOException | CallFailed e) {
            return false;
        }
    }
}
