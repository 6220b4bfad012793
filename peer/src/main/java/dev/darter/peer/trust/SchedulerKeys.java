package dev.darter.peer.trust;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Digest;
import dev.darter.core.VerifyKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of schedulers that this host registered with. They are kept on disk, so that what they signed is still believed when no scheduler
 * answers; the eldest goes when there are too many. Any thread may call it.
 */
public final class SchedulerKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerKeys.class);
    private static final int MOST = 64;
    private static final int LONGEST_FILE = 64 << 10;

    private final Path file;

    @GuardedBy("this")
    private final LinkedHashSet<VerifyKey> keys = new LinkedHashSet<>();

    private SchedulerKeys(Path file) {
        this.file = file;
    }

    /** What an earlier process remembered; a file that makes no sense is as if it were not there. */
    public static SchedulerKeys load(Path file) {
        var loaded = new SchedulerKeys(file);
        try {
            if (Files.exists(file) && Files.size(file) <= LONGEST_FILE) {
                loaded.take(Files.readAllLines(file));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("keys of schedulers cannot be read; they come again with the next registration");
        }
        return loaded;
    }

    private synchronized void take(List<String> lines) {
        for (String line : lines.subList(0, Math.min(lines.size(), MOST))) {
            keys.add(VerifyKey.of(HexFormat.of().parseHex(line)));
        }
    }

    public synchronized boolean contains(VerifyKey key) {
        return keys.contains(key);
    }

    /** Believes in a key from now on; whether it is a new one. */
    public boolean add(VerifyKey key) {
        List<VerifyKey> now;
        synchronized (this) {
            if (!keys.add(key)) {
                return false;
            }
            if (keys.size() > MOST) {
                keys.removeFirst();
            }
            now = List.copyOf(keys);
        }
        store(now);
        return true;
    }

    private synchronized void store(List<VerifyKey> now) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(
                    fresh, now.stream().map(key -> Digest.hex(key.toBytes())).toList());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("keys of schedulers cannot be remembered");
        }
    }
}
