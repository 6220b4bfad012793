package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command, one file: what a newcomer does first. */
final class UpIT {
    @TempDir
    private Path directory;

    @Test
    void hasAfterARestartAllItHadAndNeedsNoOrigin() throws IOException, InterruptedException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), 1)) {
            String sha256 = origin.put("big", Sizes.file());
            cluster.get(1, origin.url("big")).mustBe(sha256);

            origin.stop();
            long started = System.nanoTime();
            cluster.restart();
            System.out.printf("second start of up: ready after %.1f s%n", (System.nanoTime() - started) / 1e9);

            var again = cluster.get(1, origin.url("big")).mustBe(sha256);
            assertThat(again.from("local")).isEqualTo(Sizes.file());
        }
    }
}
