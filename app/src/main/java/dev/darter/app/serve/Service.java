package dev.darter.app.serve;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.ManagerSettings;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.config.ProcessSettings;
import dev.darter.app.config.SchedulerSettings;
import dev.darter.peer.PeerDaemon;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service as a process: reads its file, opens its log, runs until it is told to stop. */
public final class Service {
    /** Which one. */
    public enum Kind {
        MANAGER("manager", "/etc/dragonfly/manager.yaml", "MANAGER_CONFIG"),
        SCHEDULER("scheduler", "/etc/dragonfly/scheduler.yaml", "SCHEDULER_CONFIG"),
        DAEMON("daemon", "/etc/dragonfly/dfget.yaml", "DFGET_CONFIG");

        private final String name;
        private final String defaultFile;
        private final String variable;

        Kind(String name, String defaultFile, String variable) {
            this.name = name;
            this.defaultFile = defaultFile;
            this.variable = variable;
        }

        /** The file to read where none is named: what the environment says, else upstream's place. */
        public Path defaultFile() {
            String named = System.getenv(variable);
            return Path.of(named == null || named.isEmpty() ? defaultFile : named);
        }
    }

    /**
     * What the command line adds to the file.
     *
     * @param console whether the log goes to standard output whatever the file says
     * @param instead a daemon's values that come before those of the file, by their keys
     */
    public record Flags(boolean strict, boolean console, boolean verbose, Map<String, String> instead) {
        public Flags {
            instead = Map.copyOf(instead);
        }

        public Flags(boolean strict, boolean console, boolean verbose) {
            this(strict, console, verbose, Map.of());
        }
    }

    private static final int FAILED = 1;
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOCK_PAUSE = Duration.ofMillis(100);

    private Service() {}

    /** Runs until a signal comes; the exit code. */
    public static int run(Kind kind, Path file, Flags flags) {
        return run(kind, file, flags, StopSignal.install(), () -> {}, () -> {});
    }

    /** What to do at a moment of a service's life. */
    public interface Step {
        void run() throws IOException, InterruptedException;
    }

    /**
     * As {@link #run(Kind, Path, Flags)}, with what belongs before and after.
     *
     * @param started once the service runs
     * @param left when it runs no more, however that came
     */
    public static int run(Kind kind, Path file, Flags flags, StopSignal stop, Step started, Step left) {
        int code = runUntil(kind, file, flags, stop, started);
        try {
            left.run();
        } catch (IOException | InterruptedException e) {
            System.err.println("darter " + kind.name + ": " + e.getMessage());
            code = FAILED;
        }
        return stop.ended(code);
    }

    private static int runUntil(Kind kind, Path file, Flags flags, StopSignal stop, Step started) {
        Logs.off(); // until the file says where they go
        try (var runtime = new RpcRuntime();
                AutoCloseable _ = interruptibly(stop, () -> start(kind, file, flags, runtime, stop::ask))) {
            started.run();
            stop.await();
            return 0;
        } catch (ConfigException e) {
            System.err.println("darter " + kind.name + ": " + e.getMessage());
            return FAILED;
        } catch (IOException | IllegalArgumentException e) {
            if (!flags.console()) {
                System.err.println("darter " + kind.name + ": " + e.getMessage());
            }
            LoggerFactory.getLogger(Service.class)
                    .atError()
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot start");
            return FAILED;
        } catch (InterruptedException e) {
            return 0;
        } catch (Exception e) {
            LoggerFactory.getLogger(Service.class).atError().setCause(e).log("ended in a way nobody foresaw");
            System.err.println("darter " + kind.name + ": internal error; its log has the reason");
            return FAILED;
        }
    }

    private interface Start {
        AutoCloseable start() throws IOException, InterruptedException;
    }

    private static AutoCloseable interruptibly(StopSignal stop, Start start) throws IOException, InterruptedException {
        stop.starting();
        try {
            return start.start();
        } finally {
            stop.started();
        }
    }

    /**
     * Starts and says so in the log.
     *
     * @param idle called when the service has had nothing to do for so long that it should stop
     */
    private static AutoCloseable start(Kind kind, Path file, Flags flags, RpcRuntime runtime, Runnable idle)
            throws IOException, InterruptedException {
        InstantSource clock = InstantSource.system();
        return switch (kind) {
            case MANAGER -> {
                var loaded = ManagerSettings.load(file, flags.strict());
                open(kind, flags, loaded);
                yield Running.manager(loaded.config(), clock, runtime);
            }
            case SCHEDULER -> {
                var loaded = SchedulerSettings.load(file, flags.strict());
                open(kind, flags, loaded);
                yield Running.scheduler(loaded.config(), clock, runtime);
            }
            case DAEMON -> {
                var loaded = PeerSettings.load(file, flags.strict(), flags.instead());
                open(kind, flags, loaded);
                FileLock lock = lock(
                        loaded.workHome().resolve("daemon.lock"),
                        loaded.config().downloadSocket());
                var daemon = PeerDaemon.start(loaded.config(), clock, runtime);
                Thread.ofVirtual().start(() -> {
                    try {
                        daemon.awaitIdle();
                        idle.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                yield () -> {
                    daemon.close();
                    lock.channel().close();
                };
            }
        };
    }

    private static void open(Kind kind, Flags flags, ProcessSettings settings) throws IOException {
        Files.createDirectories(settings.workHome());
        boolean verbose = settings.verbose() || flags.verbose();
        if (settings.console() || flags.console()) {
            Logs.console(verbose);
        } else {
            Files.createDirectories(settings.logDir().resolve(kind.name));
            Logs.files(settings.logDir(), kind.name, verbose);
        }
        Logger log = LoggerFactory.getLogger(Service.class);
        settings.warnings().forEach(log::warn);
    }

    /**
     * One daemon a work directory. One that is about to end is waited for, one that takes connections is not.
     *
     * @param socket where that daemon would listen
     */
    private static FileLock lock(Path file, Path socket) throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long end = System.nanoTime() + LOCK_PATIENCE.toNanos();
        FileLock lock = channel.tryLock();
        while (lock == null && System.nanoTime() < end && !isListening(socket)) {
            Thread.sleep(LOCK_PAUSE);
            lock = channel.tryLock();
        }
        if (lock == null) {
            channel.close();
            throw new IOException(file + ": another daemon holds it (expected: one daemon for this workHome)");
        }
        return lock;
    }

    private static boolean isListening(Path socket) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }
}
