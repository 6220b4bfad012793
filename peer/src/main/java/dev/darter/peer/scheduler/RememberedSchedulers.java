package dev.darter.peer.scheduler;

import dev.darter.wire.client.ServerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last list of schedulers that a manager gave, on disk, so that a daemon starts while no manager answers. */
final class RememberedSchedulers {
    private static final Logger LOG = LoggerFactory.getLogger(RememberedSchedulers.class);
    private static final int FIELDS = 4;

    private final Path file;

    RememberedSchedulers(Path cacheDir) {
        this.file = cacheDir.resolve("schedulers");
    }

    /** In the order in which they were stored; empty when there are none or the file makes no sense. */
    List<ServerAddress> load() {
        var addresses = new ArrayList<ServerAddress>();
        try {
            if (!Files.exists(file)) {
                return List.of();
            }
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.split("\t", -1);
                if (fields.length != FIELDS) {
                    throw new IllegalArgumentException("line: " + fields.length + " fields (expected: " + FIELDS + ")");
                }
                addresses.add(new ServerAddress(
                        fields[0], fields[1], Integer.parseInt(fields[2]), Long.parseLong(fields[3])));
            }
            return addresses;
        } catch (IOException | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("remembered schedulers cannot be read; the manager is waited for");
            return List.of();
        }
    }

    void store(List<ServerAddress> addresses) {
        var text = new StringBuilder();
        for (ServerAddress address : addresses) {
            text.append(address.ip()).append('\t').append(address.hostname()).append('\t');
            text.append(address.port()).append('\t').append(address.clusterId()).append('\n');
        }
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("schedulers cannot be remembered");
        }
    }
}
