package dev.darter.app.cli;

import dev.darter.app.up.ClusterFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which daemon a tool asks when it is not told: that of {@code $DARTER_CLUSTER}, of the running default cluster, of this node. */
final class FindDaemon {
    static final Path NODE = Path.of("/var/run/dfdaemon.sock");

    private FindDaemon() {}

    /** @param named what the user said; empty when nothing */
    static Path socket(Optional<Path> named) {
        if (named.isPresent()) {
            return named.get();
        }
        String cluster = System.getenv("DARTER_CLUSTER");
        if (cluster != null && !cluster.isEmpty()) {
            return ClusterFile.firstSocket(Path.of(cluster))
                    .orElseThrow(() -> new ToolException(
                            "DARTER_CLUSTER: " + cluster + " (expected: the cluster.json of a running darter up)"));
        }
        Path standard = Path.of(System.getProperty("user.home"), ".darter", "up", "cluster.json");
        return ClusterFile.firstSocket(standard).filter(Files::exists).orElse(NODE);
    }
}
