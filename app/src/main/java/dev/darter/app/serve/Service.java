package dev.darter.app.serve;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.ManagerSettings;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.config.SchedulerSettings;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
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
     */
    public record Flags(boolean strict, boolean console, boolean verbose) {}

    private static final int FAILED = 1;

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
                AutoCloseable _ = start(kind, file, flags, runtime)) {
            started.run();
            stop.await();
            return 0;
        } catch (ConfigException e) {
            System.err.println("darter " + kind.name + ": " + e.getMessage());
            return FAILED;
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("darter " + kind.name + ": " + e.getMessage());
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

    /** Starts and says so in the log. */
    private static AutoCloseable start(Kind kind, Path file, Flags flags, RpcRuntime runtime)
            throws IOException, InterruptedException {
        InstantSource clock = InstantSource.system();
        return switch (kind) {
            case MANAGER -> {
                var loaded = ManagerSettings.load(file, flags.strict());
                open(
                        kind,
                        flags,
                        loaded.console(),
                        loaded.verbose(),
                        loaded.logDir(),
                        loaded.workHome(),
                        loaded.warnings());
                yield Running.manager(loaded.config(), clock, runtime);
            }
            case SCHEDULER -> {
                var loaded = SchedulerSettings.load(file, flags.strict());
                open(
                        kind,
                        flags,
                        loaded.console(),
                        loaded.verbose(),
                        loaded.logDir(),
                        loaded.workHome(),
                        loaded.warnings());
                yield Running.scheduler(loaded.config(), clock, runtime);
            }
            case DAEMON -> {
                var loaded = PeerSettings.load(file, flags.strict());
                open(
                        kind,
                        flags,
                        loaded.console(),
                        loaded.verbose(),
                        loaded.logDir(),
                        loaded.workHome(),
                        loaded.warnings());
                FileLock lock = lock(loaded.workHome().resolve("daemon.lock"));
                var daemon = Running.daemon(loaded.config(), clock, runtime);
                yield () -> {
                    daemon.close();
                    lock.channel().close();
                };
            }
        };
    }

    private static void open(
            Kind kind, Flags flags, boolean console, boolean verbose, Path logDir, Path workHome, List<String> warnings)
            throws IOException {
        Files.createDirectories(workHome);
        if (console || flags.console()) {
            Logs.console(verbose || flags.verbose());
        } else {
            Files.createDirectories(logDir.resolve(kind.name));
            Logs.files(logDir, kind.name, verbose || flags.verbose());
        }
        Logger log = LoggerFactory.getLogger(Service.class);
        warnings.forEach(log::warn);
    }

    /** One daemon a work directory. */
    private static FileLock lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException(file + ": another daemon holds it (expected: one daemon for this workHome)");
        }
        return lock;
    }
}
