package dev.darter.app.up;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.Secrets;
import dev.darter.app.serve.Logs;
import dev.darter.app.serve.StopSignal;
import dev.darter.wire.client.HealthCheck;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A cluster that runs on this machine. */
public final class Cluster implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final Plan plan;
    private final Parts parts;
    private final FileChannel lock;
    private final String firstPassword;

    private Cluster(Plan plan, Parts parts, FileChannel lock, String firstPassword) {
        this.plan = plan;
        this.parts = parts;
        this.lock = lock;
        this.firstPassword = firstPassword;
    }

    /**
     * What to start.
     *
     * @param portBase 0 for upstream's ports
     * @param separate whether every part gets a process of its own
     */
    public record Options(Path directory, int peers, int portBase, boolean separate) {
        private static final int MOST_PEERS = 40;

        public Options {
            if (peers < 1 || peers > MOST_PEERS) {
                throw new IllegalArgumentException("--peers: " + peers + " (expected: 1.." + MOST_PEERS + ")");
            }
            if (portBase != 0 && (portBase < 1024 || portBase > 65000 - 10 * peers)) {
                throw new IllegalArgumentException(
                        "--port-base: " + portBase + " (expected: 1024.." + (65000 - 10 * peers) + ")");
            }
            directory = directory.toAbsolutePath().normalize();
        }
    }

    /**
     * Starts everything and returns when a download through any peer would work.
     *
     * @param out told of parts that end later on
     * @throws ConfigException if the directory cannot be used or a port is taken
     * @throws IOException if a part cannot start, or is not ready in time
     * @throws InterruptedException if {@code stop} comes first; nothing is left running
     */
    public static Cluster start(Options options, PrintStream out, StopSignal stop)
            throws IOException, InterruptedException {
        Path directory = options.directory();
        FileChannel lock = takeDirectory(directory);
        Path log = directory.resolve("log");
        Logs.files(log, "up", false);
        Plan plan = Plan.of(directory, options.peers(), options.portBase());
        Parts parts = options.separate() ? new Separate(log, out) : new InProcess();
        try {
            // What an earlier cluster left behind when it was killed tells of nobody.
            List<Object> joined = ClusterFile.takeLeftover(plan);
            checkPorts(plan);
            String password = Secrets.environment("DARTER_ROOT_PASSWORD").orElse("");
            if (password.isEmpty()) {
                password = Secrets.keep(directory.resolve("first-password"));
            } else {
                Secrets.write(directory.resolve("first-password"), password);
            }
            PartFiles.writeManager(plan, password);
            PartFiles.writeScheduler(plan);
            for (Plan.PeerPart part : plan.daemons()) {
                PartFiles.writeDaemon(part, plan.manager().grpc());
            }
            var cluster = new Cluster(plan, parts, lock, password);
            cluster.startParts(stop);
            cluster.awaitReady(stop);
            ClusterFile.write(plan, parts, joined);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            parts.close();
            lock.close();
            throw e;
        }
    }

    /** Makes the directory and locks it against a second cluster. */
    private static FileChannel takeDirectory(Path directory) {
        try {
            Files.createDirectories(directory.resolve("log"));
            FileChannel channel =
                    FileChannel.open(directory.resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new ConfigException("--dir: " + directory
                        + ": a cluster runs there already (expected: stop it first, or name another directory)");
            }
            return channel;
        } catch (IOException e) {
            String reason = switch (e) {
                case AccessDeniedException _ -> "permission denied";
                case FileAlreadyExistsException _ -> "a file is in the way";
                case FileSystemException failure when failure.getReason() == null -> "cannot be made";
                case FileSystemException failure -> failure.getReason();
                default -> String.valueOf(e.getMessage());
            };
            throw new ConfigException(
                    "--dir: " + directory + ": " + reason + " (expected: a directory that takes files)");
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // by another cluster of this very process
        }
    }

    public String consoleUrl() {
        return "http://" + Plan.IP + ":" + plan.manager().rest();
    }

    public String firstPassword() {
        return firstPassword;
    }

    public Path directory() {
        return plan.directory();
    }

    /** Where a part's metrics are answered, by the part's name. */
    public Map<String, URI> metrics() {
        var addresses = new LinkedHashMap<String, URI>();
        plan.daemons()
                .forEach(part -> addresses.put(
                        part.name(),
                        URI.create("http://" + Plan.IP + ":" + part.ports().metrics() + "/metrics")));
        return addresses;
    }

    /** Name and socket of every peer, in order. */
    public Map<String, Path> sockets() {
        var sockets = new LinkedHashMap<String, Path>();
        plan.peers().forEach(peer -> sockets.put(peer.name(), peer.socket()));
        return sockets;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(plan.clusterFile());
            parts.close();
            lock.close();
        } catch (IOException e) {
            throw new ConfigException(plan.directory() + ": cannot be left in order: " + e.getMessage());
        }
    }

    /** The manager first, since the others ask it at once; those side by side. */
    private void startParts(StopSignal stop) throws IOException, InterruptedException {
        parts.startManager(plan.managerConfig());
        stop.check();
        var failures = new ConcurrentLinkedQueue<Exception>();
        var threads = new ArrayList<Thread>();
        threads.add(start(failures, () -> parts.startScheduler(plan.schedulerConfig())));
        for (Plan.PeerPart part : plan.daemons()) {
            threads.add(start(failures, () -> parts.startDaemon(part.name(), part.config())));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Exception first = failures.peek();
        if (first != null) {
            throw first instanceof IOException io ? io : new IOException(first.getMessage(), first);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Thread start(ConcurrentLinkedQueue<Exception> failures, Work work) {
        return Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } catch (Exception e) {
                failures.add(e);
            }
        });
    }

    /** Every daemon serves as soon as it knows a scheduler; the seed peer has to be known to the scheduler too. */
    private void awaitReady(StopSignal stop) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + READY.toNanos();
        try (var runtime = new RpcRuntime()) {
            var missing = new ArrayList<Plan.PeerPart>(plan.daemons());
            while (!missing.isEmpty()) {
                missing.removeIf(part ->
                        HealthCheck.isServing(runtime, Plan.IP, part.ports().grpc()));
                if (System.nanoTime() > deadline) {
                    throw new IOException("not ready after " + READY.toSeconds() + " s: "
                            + String.join(
                                    ", ",
                                    missing.stream().map(Plan.PeerPart::name).toList())
                            + " found no scheduler (expected: see "
                            + plan.directory().resolve("log") + ")");
                }
                stop.check();
                parts.check();
                Thread.sleep(BETWEEN_LOOKS);
            }
            while (!HealthCheck.isServing(runtime, Plan.IP, plan.scheduler().grpc(), "seed-peers")) {
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "not ready after " + READY.toSeconds() + " s: the scheduler knows no seed peer");
                }
                stop.check();
                parts.check();
                Thread.sleep(BETWEEN_LOOKS);
            }
        }
    }

    private static void checkPorts(Plan plan) {
        var ports = new LinkedHashMap<String, List<Integer>>();
        ports.put("manager", List.of(plan.manager().rest(), plan.manager().grpc()));
        ports.put("scheduler", List.of(plan.scheduler().grpc(), plan.scheduler().metrics()));
        plan.daemons()
                .forEach(part -> ports.put(
                        part.name(),
                        List.of(
                                part.ports().grpc(),
                                part.ports().upload(),
                                part.ports().health(),
                                part.ports().metrics())));
        ports.forEach((name, numbers) -> numbers.forEach(port -> {
            if (!Plan.isFree(port)) {
                throw new ConfigException("port " + port + " of the " + name
                        + " is in use (expected: a free one; --port-base P takes others)");
            }
        }));
    }
}
