package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A directory in memory for everything that the lab's hosts write, so that no disk is part of what is measured. */
final class Workspace implements AutoCloseable {
    private static final Path PARENT = Path.of("/run");
    private static final String PREFIX = "darter-lab-";

    private final Path directory;

    private Workspace(Path directory) {
        this.directory = directory;
    }

    /** @param bytes that will lie in it at most */
    static Workspace open(long bytes) throws IOException {
        if (!Shell.run("id", "-u").strip().equals("0")) {
            throw new LabException("user: not root (expected: root, for network namespaces and shaped links)");
        }
        long available = available();
        if (bytes > available) {
            throw new LabException(String.format(
                    Locale.ROOT,
                    "memory: %.1f GiB available (expected: %.1f GiB; take a smaller --size or fewer --peers)",
                    available / (double) (1L << 30),
                    bytes / (double) (1L << 30)));
        }
        removeLeftovers();
        Path directory = Files.createDirectory(
                PARENT.resolve(PREFIX + ProcessHandle.current().pid()));
        Shell.run("mount", "-t", "tmpfs", "-o", "mode=0755,size=" + bytes, "tmpfs", directory.toString());
        return new Workspace(directory);
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        remove(directory);
    }

    private static void remove(Path directory) {
        Shell.tryRun("umount", "-l", directory.toString());
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            System.err.println("darter lab: " + directory + ": cannot be removed: " + e.getMessage());
        }
    }

    private static long available() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        }
    }

    private static void removeLeftovers() throws IOException {
        List<Path> left;
        try (Stream<Path> paths = Files.list(PARENT)) {
            left = paths.filter(path -> path.getFileName().toString().matches(PREFIX + "\\d+"))
                    .filter(path -> ProcessHandle.of(
                                    Long.parseLong(path.getFileName().toString().substring(PREFIX.length())))
                            .isEmpty())
                    .toList();
        }
        left.forEach(Workspace::remove);
    }
}
