package dev.darter.peer.storage;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where content lies and how much of it; {@code storage} and {@code dataDir} in {@code dfget.yaml}.
 *
 * @param dataDir made with mode 0700 when it is missing
 * @param taskExpireTime a task that nobody touched for this long may go; zero for never
 * @param gcInterval between two looks at what may go; {@code gcInterval} at the top level
 * @param diskGcThreshold bytes of all tasks together above which the least recently used go; 0 for never
 * @param diskGcThresholdPercent of the file system's space in use above which the least recently used go; 0 for never
 * @param multiplex whether content that is here already answers new requests; seed peers do so always
 */
public record StorageConfig(
        Path dataDir,
        Duration taskExpireTime,
        Duration gcInterval,
        long diskGcThreshold,
        double diskGcThresholdPercent,
        boolean multiplex) {
    public StorageConfig {
        if (taskExpireTime.isNegative()) {
            throw new IllegalArgumentException("storage.taskExpireTime: " + taskExpireTime + " (expected: 0 or more)");
        }
        if (!gcInterval.isPositive()) {
            throw new IllegalArgumentException("gcInterval: " + gcInterval + " (expected: more than 0)");
        }
        if (diskGcThreshold < 0) {
            throw new IllegalArgumentException(
                    "storage.diskGCThreshold: " + diskGcThreshold + " (expected: 0 or more)");
        }
        if (!(diskGcThresholdPercent >= 0 && diskGcThresholdPercent <= 100)) {
            throw new IllegalArgumentException(
                    "storage.diskGCThresholdPercent: " + diskGcThresholdPercent + " (expected: 0 to 100)");
        }
    }

    /** Everything but the place as by default. */
    public static StorageConfig in(Path dataDir) {
        return new StorageConfig(dataDir, Duration.ofHours(6), Duration.ofMinutes(1), 0, 95, false);
    }
}
