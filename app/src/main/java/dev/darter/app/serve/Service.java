package dev.darter.app.serve;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.ManagerSettings;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.config.SchedulerSettings;
import dev.darter.manager.ManagerServer;
import dev.darter.peer.PeerDaemon;
import dev.darter.scheduler.SchedulerServer;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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
        // Until the file has said where the log goes; without this, libraries tell their start-up on standard output.
        Logs.console(false);
        try (var runtime = new RpcRuntime()) {
            var signal = new Signal(Thread.currentThread());
            try {
                AutoCloseable running = start(kind, file, flags, runtime);
                signal.started();
                signal.await();
                running.close();
            } catch (InterruptedException e) {
                // told to stop while starting
            } finally {
                signal.stopped();
            }
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
                yield ManagerServer.start(loaded.config(), clock, runtime, new MetricRegistry(clock));
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
                yield SchedulerServer.start(loaded.config(), clock, runtime, new MetricRegistry(clock));
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
                var daemon = PeerDaemon.start(loaded.config(), clock, runtime);
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

    /** SIGTERM and SIGINT: the main thread ends what it has started, and the process does not go before. */
    private static final class Signal {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final AtomicBoolean starting = new AtomicBoolean(true);

        Signal(Thread main) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                asked.countDown();
                                // A start may wait long for a database; once something runs, it ends in order instead.
                                if (starting.getAndSet(false)) {
                                    main.interrupt();
                                }
                                awaitQuietly(stopped);
                            },
                            "stop"));
        }

        void started() {
            if (!starting.getAndSet(false)) {
                // The signal came in the last moment of the start: what runs now is ended in order.
                Thread.interrupted();
            }
        }

        void await() throws InterruptedException {
            asked.await();
        }

        void stopped() {
            stopped.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
