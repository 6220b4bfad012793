package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder on a disk for what the peers put out, where memory has no room for a second copy of everything. Of use where links are slow: the disk
 * must take what all peers together receive.
 */
final class OutputFolder implements AutoCloseable {
    private final Path directory;

    private OutputFolder(Path directory) {
        this.directory = directory;
    }

    static OutputFolder in(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            throw new LabException("--outputs: " + parent + " (expected: a folder)");
        }
        return new OutputFolder(Files.createTempDirectory(parent.toAbsolutePath(), "darter-lab-"));
    }

    Path directory() {
        return directory;
    }

    /** Daemons that are being stopped may still write into it: only what is there now is removed, and no folder that is not empty. */
    @Override
    public void close() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }
}
