package dev.darter.peer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.ByteRange;
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

    /** What upstream's daemon left, by task; each goes once it is ours, or was refused. */
    private final ConcurrentHashMap<TaskId, Left> left = new ConcurrentHashMap<>();

    private final Thread collector;
    private final Thread adopter;

    private DiskStorage(StorageConfig config, InstantSource clock, Consumer<TaskContent> onCollected) {
        this.config = config;
        this.clock = clock;
        this.onCollected = onCollected;
        this.collector = Thread.ofVirtual().name("storage-collector").unstarted(this::collectForEver);
        this.adopter = Thread.ofVirtual().name("storage-adopter").unstarted(this::adoptAll);
    }

    /** Directories of one task that upstream's daemon left. Whoever needs the task first reads them; others wait for that. */
    private final class Left {
        private final TaskId task;

        /** Newest first. */
        private final List<Path> directories;

        @GuardedBy("this")
        private boolean done;

        Left(TaskId task, List<Path> directories) {
            this.task = task;
            this.directories = directories;
        }

        synchronized void adopt() {
            if (done) {
                return;
            }
            done = true;
            for (Path directory : directories) {
                if (contents.containsKey(task)) {
                    DiskContent.deleteIn(directory); // an older copy
                } else {
                    adopt(directory);
                }
            }
            left.remove(task, this);
        }

        /** What cannot be believed goes, as upstream's daemon removes what it cannot read. */
        private void adopt(Path directory) {
            try {
                disk.run(() -> {
                    Takeover.run(directory);
                    return true;
                });
                var peer = new PeerId(directory.getFileName().toString());
                contents.put(task, DiskContent.open(task, peer, directory, disk, clock));
            } catch (Takeover.Refused e) {
                warn(directory, e, "content of an earlier daemon is not what it claims to be; removed");
                DiskContent.deleteIn(directory);
            } catch (IOException e) {
                warn(directory, e, "content of an earlier daemon cannot be read; left alone");
            }
        }

        private static void warn(Path directory, IOException reason, String message) {
            LOG.atWarn()
                    .addKeyValue("directory", directory)
                    .addKeyValue("reason", reason.getMessage())
                    .log(message);
        }
    }

    /** Takes over what upstream's daemon left, task after task, before anybody asks. */
    private void adoptAll() {
        int adopted = 0;
        for (Left found : List.copyOf(left.values())) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            found.adopt();
            adopted++;
        }
        if (adopted > 0) {
            LOG.atInfo().addKeyValue("tasks", adopted).log("content of an earlier daemon read");
        }
    }

    private void adopt(TaskId task) {
        Left found = left.get(task);
        if (found != null) {
            found.adopt();
        }
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
        storage.adopter.start();
        return storage;
    }

    @Override
    public boolean isAtHand(TaskId task, ByteRange bytes) {
        DiskContent content = contents.get(task);
        return content != null && content.isAtHand(bytes);
    }

    @Override
    public Optional<TaskContent> find(TaskId task) {
        adopt(task);
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
        adopt(task);
        DiskContent content = contents.get(task);
        if (content != null) {
            remove(content);
        }
    }

    /** Drops every task. */
    public void dropAll() {
        left.values().forEach(Left::adopt);
        contents.values().forEach(this::remove);
    }

    @Override
    public void close() {
        collector.interrupt();
        adopter.interrupt();
        try {
            adopter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
            loadLeft(task, directory);
            return;
        }
        contents.put(task, found.removeLast());
        found.forEach(DiskContent::drop);
    }

    private void loadLeft(TaskId task, Path directory) throws IOException {
        try (Stream<Path> peers = Files.list(directory)) {
            List<Path> directories = peers.filter(
                            peer -> PeerId.isLegal(peer.getFileName().toString()))
                    .filter(Takeover::isPossible)
                    .sorted(Comparator.comparingLong((Path peer) -> -lastModified(peer.resolve(DiskContent.DATA))))
                    .toList();
            if (!directories.isEmpty()) {
                left.put(task, new Left(task, directories));
            }
        }
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
