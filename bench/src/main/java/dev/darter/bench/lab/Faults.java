package dev.darter.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Makes faults happen during a run, each on a thread of its own. */
final class Faults implements AutoCloseable {
    private static final Duration BETWEEN_CORRUPTIONS = Duration.ofMillis(250);
    private static final int CORRUPTED_STRIDE = 16 << 10;

    private final Cluster cluster;
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> happened = new ArrayList<>();

    private Faults(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Times run from now on. */
    static Faults start(List<Fault> faults, double limit, Cluster cluster) {
        var running = new Faults(cluster);
        for (Fault fault : faults) {
            running.threads.add(Thread.ofPlatform().name("fault").start(() -> running.run(fault, limit)));
        }
        return running;
    }

    private void run(Fault fault, double limit) {
        try {
            Thread.sleep(Duration.ofMillis((long) (fault.at().seconds(limit) * 1000)));
            List<String> victims =
                    cluster.peers().subList(0, fault.victims(cluster.peers().size()));
            synchronized (happened) {
                happened.add(fault.kind().text());
            }
            switch (fault.kind()) {
                case KILL_PEER -> victims.forEach(peer -> cluster.process(peer).kill());
                case STOP_PEER -> victims.forEach(peer -> cluster.process(peer).signal("STOP"));
                case CORRUPT_PEER -> corruptUntilInterrupted(victims);
                case KILL_SEED -> cluster.process(Cluster.SEED).kill();
                case KILL_SCHEDULER -> cluster.process(Cluster.SCHEDULER).kill();
                case RESTART_SCHEDULER -> {
                    cluster.process(Cluster.SCHEDULER).kill();
                    cluster.startScheduler();
                }
                case KILL_MANAGER -> cluster.process(Cluster.MANAGER).kill();
                case KILL_ORIGIN -> cluster.process(Cluster.ORIGIN).kill();
            }
        } catch (InterruptedException e) {
            // The run is over.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a peer stored since is damaged the next time round. */
    private void corruptUntilInterrupted(List<String> victims) throws IOException, InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            for (String victim : victims) {
                try (Stream<Path> files = Files.walk(cluster.dataDir(victim))) {
                    for (Path file : files.filter(path -> path.endsWith("data"))
                            .filter(Files::isRegularFile)
                            .toList()) {
                        corrupt(file);
                    }
                }
            }
            Thread.sleep(BETWEEN_CORRUPTIONS);
        }
    }

    private static void corrupt(Path file) throws IOException {
        var random = new SplittableRandom();
        byte[] noise = new byte[16];
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long at = 0; at + noise.length < channel.size(); at += CORRUPTED_STRIDE) {
                random.nextBytes(noise);
                var _ = channel.write(ByteBuffer.wrap(noise), at);
            }
        }
    }

    /** Those that came before the run was over. */
    List<String> happened() {
        synchronized (happened) {
            return List.copyOf(happened);
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
