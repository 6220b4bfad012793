package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OriginLogTest {
    @Test
    void sumsTheBodiesOfOnePathAbortedRequestsIncluded() {
        var lines = List.of(
                "/run-1.bin GET 200 268435456",
                "/run-2.bin GET 200 999",
                "/run-1.bin GET 206 4194304",
                "/run-1.bin GET 499 77",
                "/run-1.bin HEAD 200 0",
                "/run-1.bin GET 20");
        assertThat(OriginLog.use(lines, "/run-1.bin")).isEqualTo(new OriginLog.Use(4, 268435456 + 4194304 + 77));
        assertThat(OriginLog.use(lines, "/run-3.bin")).isEqualTo(new OriginLog.Use(0, 0));
    }

    @Test
    void sumsAllPathsOfALogThatIsStillBeingWritten(@TempDir Path directory) throws IOException {
        Path log = Files.writeString(directory.resolve("access.log"), "/a GET 200 10\n/b GET 206 5\n/c GET");
        assertThat(OriginLog.bodyBytes(log)).isEqualTo(15);
        assertThat(OriginLog.use(log, "/b")).isEqualTo(new OriginLog.Use(1, 5));
    }
}
