package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFolderTest {
    @TempDir
    Path disk;

    @Test
    void takesAwayWhatLiesInItAndNothingElse() throws IOException {
        Path other = Files.writeString(disk.resolve("other"), "kept");
        var folder = OutputFolder.in(disk);
        Files.writeString(folder.directory().resolve("peer-1-file"), "gone");

        folder.close();

        assertThat(folder.directory()).doesNotExist();
        assertThat(other).hasContent("kept");
    }

    @Test
    void namesTheFolderThatIsNotThere() {
        Path nowhere = disk.resolve("nowhere");
        assertThatThrownBy(() -> OutputFolder.in(nowhere))
                .isInstanceOf(LabException.class)
                .hasMessage("--outputs: " + nowhere + " (expected: a folder)");
    }
}
