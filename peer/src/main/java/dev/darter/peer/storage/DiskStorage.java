package dev.darter.peer.storage;

import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tasks under one data directory, {@code <task>/<peer>/} each. Starts by finding what earlier processes left. */
public final class DiskStorage implements Storage {
    private static final Logger LOG = LoggerFactory.getLogger(DiskStorage.class);

    private final StorageConfig config;
    private final InstantSource clock;
    private final Consumer<TaskContent> onCollected;
    private final DiskPool disk = new DiskPool();
    private final ConcurrentHashMap<TaskId, DiskContent> contents = new ConcurrentHashMap<>();
    private final Thread collector;

    private DiskStorage(StorageConfig config, InstantSource clock, Consumer<TaskContent> onCollected) {
        this.config = config;
        this.clock = clock;
        this.onCollected = onCollected;
        this.collector = Thread.ofVirtual().name("storage-collector").unstarted(this::collectForEver);
    }

    /**
     * Opens the data directory, making it if need be.
     *
     * @param onCollected told of every task that was collected, so that others hear that it is gone
     * @throws IOException if the directory cannot be made or read
     */
    public static DiskStorage start(StorageConfig config, InstantSource clock, Consumer<TaskContent> onCollected)
            throws IOException {
        var storage = new DiskStorage(config, clock, onCollected);
        Files.createDirectories(config.dataDir());
        storage.load();
        storage.collector.start();
        return storage;
    }

    @Override
    public Optional<TaskContent> find(TaskId task) {
        DiskContent content = contents.get(task);
        if (content == null) {
            return Optional.empty();
        }
        if (content.state() == TaskContent.State.FAILED) {
            remove(content);
            return Optional.empty();
        }
        return Optional.of(content);
    }

    @Override
    public TaskContent open(TaskId task, PeerId peer) throws IOException {
        Optional<TaskContent> known = find(task);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            return contents.computeIfAbsent(task, _ -> {
                try {
                    Path directory = config.dataDir().resolve(task.value()).resolve(peer.value());
                    return DiskContent.open(task, peer, directory, disk, clock);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public List<TaskContent> all() {
        return List.copyOf(contents.values());
    }

    @Override
    public void drop(TaskId task) {
        DiskContent content = contents.get(task);
        if (content != null) {
            remove(content);
        }
    }

    /** Drops every task. */
    public void dropAll() {
        contents.values().forEach(this::remove);
    }

    @Override
    public void close() {
        collector.interrupt();
        contents.values().forEach(content -> content.close(true));
        disk.close();
    }

    private void remove(DiskContent content) {
        if (contents.remove(content.task(), content)) {
            content.drop();
        }
    }

    private void load() throws IOException {
        try (Stream<Path> tasks = Files.list(config.dataDir())) {
            for (Path directory : tasks.filter(Files::isDirectory).toList()) {
                String name = directory.getFileName().toString();
                if (TaskId.isLegal(name)) {
                    loadTask(new TaskId(name), directory);
                }
            }
        }
    }

    /** Of several peer directories the complete, newest one is the task. */
    private void loadTask(TaskId task, Path directory) throws IOException {
        List<DiskContent> found = new ArrayList<>();
        try (Stream<Path> peers = Files.list(directory)) {
            for (Path peer : peers.filter(DiskContent::isIn).toList()) {
                String name = peer.getFileName().toString();
                if (!PeerId.isLegal(name)) {
                    continue;
                }
                try {
                    found.add(DiskContent.open(task, new PeerId(name), peer, disk, clock));
                } catch (IOException e) {
                    LOG.atWarn()
                            .addKeyValue("directory", peer)
                            .addKeyValue("reason", e.getMessage())
                            .log("content cannot be read; left alone");
                }
            }
        }
        found.sort(Comparator.comparing((DiskContent content) -> content.state() == TaskContent.State.COMPLETE)
                .thenComparingLong(content -> lastModified(content.dataFile())));
        if (found.isEmpty()) {
            return;
        }
        contents.put(task, found.removeLast());
        found.forEach(DiskContent::drop);
    }

    private static long lastModified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }

    private void collectForEver() {
        try {
            while (true) {
                Thread.sleep(config.gcInterval());
                collect();
            }
        } catch (InterruptedException e) {
            // storage closes
        }
    }

    /** One round: what nobody touched for too long goes, then the least recently used until the bounds hold. */
    void collect() {
        long now = clock.millis();
        var idle = new ArrayList<DiskContent>();
        for (DiskContent content : contents.values()) {
            if (!content.isBusy() && content.state() != TaskContent.State.PARTIAL) {
                idle.add(content);
            }
        }
        idle.sort(Comparator.comparingLong(DiskContent::touchedAt));
        long excess = excess();
        for (DiskContent content : idle) {
            boolean expired = config.taskExpireTime().isPositive()
                    && now - content.touchedAt() > config.taskExpireTime().toMillis();
            if (!expired && excess <= 0) {
                continue;
            }
            excess -= content.length().orElse(0);
            onCollected.accept(content);
            remove(content);
            LOG.atInfo()
                    .addKeyValue("task", content.task())
                    .addKeyValue("reason", expired ? "idle" : "space")
                    .log("task collected");
        }
    }

    /** Bytes that must go for the bounds to hold; not positive when they do. */
    private long excess() {
        long held = 0;
        for (DiskContent content : contents.values()) {
            held += content.readableBytes();
        }
        long overQuota = config.diskGcThreshold() > 0 ? held - config.diskGcThreshold() : 0;
        return Math.max(overQuota, overShare());
    }

    private long overShare() {
        if (config.diskGcThresholdPercent() <= 0) {
            return 0;
        }
        try {
            var store = Files.getFileStore(config.dataDir());
            long used = store.getTotalSpace() - store.getUsableSpace();
            return (long) (used - store.getTotalSpace() * (config.diskGcThresholdPercent() / 100));
        } catch (IOException e) {
            return 0;
        }
    }
}
