package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer whose disk is too small for what is asked of it says so, and goes on serving what fits. For root: it mounts a disk. */
final class FullDiskIT {
    @TempDir
    private Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws IOException {
        disk = Files.createDirectories(directory.resolve("disk"));
        Running.run(directory, "mount", List.of("mount", "-t", "tmpfs", "-o", "size=48m", "none", disk.toString()))
                .mustSucceed();
    }

    @AfterEach
    void unmount() throws IOException {
        Running.run(directory, "umount", List.of("umount", disk.toString())).mustSucceed();
    }

    @Test
    void saysThatTheDiskIsFullAndServesWhatFits() throws IOException {
        Path cluster = Files.createDirectories(directory.resolve("cluster"));
        Path peer = Files.createDirectories(cluster.resolve("up").resolve("peer-1"));
        Files.createSymbolicLink(peer.resolve("data"), disk);
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster up = UpCluster.start(cluster, 1)) {
            String small = origin.put("small", 8 << 20);
            up.get(1, origin.url("small")).mustBe(small);
            origin.put("large", 64 << 20);

            var refused = up.get(1, origin.url("large"));

            assertThat(refused.code()).as(refused.output()).isEqualTo(1);
            assertThat(refused.last().path("message").asString())
                    .as(refused.output())
                    .contains("space");
            String another = origin.put("another", 4 << 20);
            up.get(1, origin.url("another")).mustBe(another);
            up.get(1, origin.url("small")).mustBe(small);
        }
    }
}
