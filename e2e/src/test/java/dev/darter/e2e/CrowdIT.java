package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five who want the same file at the same time, and a sixth who comes when the origin is gone. */
final class CrowdIT {
    private static final int CROWD = 5;
    private static final int LATE = 6;

    @TempDir
    private Path directory;

    @Test
    void takesTheFileFromTheOriginOnceAndPassesItOn() throws IOException, InterruptedException {
        try (Origin origin = Origin.on(directory.resolve("origin"));
                UpCluster cluster = UpCluster.start(directory.resolve("cluster"), LATE)) {
            String sha256 = origin.put("big", Sizes.file());
            long started = System.nanoTime();
            var running = new ArrayList<Running>();
            try {
                for (int peer = 1; peer <= CROWD; peer++) {
                    running.add(cluster.startGet(peer, origin.url("big")));
                }
                List<UpCluster.Got> crowd =
                        running.stream().map(UpCluster::finish).toList();
                double seconds = (System.nanoTime() - started) / 1e9;
                crowd.forEach(got -> got.mustBe(sha256));

                long uploaded = 0;
                for (int peer = 1; peer <= CROWD; peer++) {
                    uploaded += UpCluster.uploaded(cluster.peer(peer));
                }
                double ofFile = Sizes.file();
                System.out.printf(
                        "%d MiB to %d peers: %.1f s; origin sent %.3f F, peers uploaded %.2f F, seed %.2f F%n",
                        Sizes.file() >> 20,
                        CROWD,
                        seconds,
                        origin.bodyBytes() / ofFile,
                        uploaded / ofFile,
                        UpCluster.uploaded(cluster.seed()) / ofFile);
                assertThat(origin.bodyBytes() / ofFile)
                        .as("origin sent, in files")
                        .isBetween(1.0, 1.02);
                assertThat(uploaded / ofFile).as("peers uploaded, in files").isGreaterThanOrEqualTo(2.0);
            } finally {
                running.forEach(Running::close);
            }

            origin.stop();
            var late = cluster.get(LATE, origin.url("big")).mustBe(sha256);
            assertThat(late.from("peer")).isEqualTo(Sizes.file());
        }
    }
}
