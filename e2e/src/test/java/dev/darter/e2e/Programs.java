package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The product as it is installed: {@code bin/} and {@code lib/}. Those that {@code -Ddarter.home} names, else made from what this
 * build has just packed, so that a test never runs yesterday's jars.
 */
final class Programs {
    private static final Path HOME = findOrAssemble();

    private Programs() {}

    /** @param name such as {@code darter}, {@code dfget} */
    static String path(String name) {
        return HOME.resolve("bin").resolve(name).toString();
    }

    private static Path findOrAssemble() {
        String given = System.getProperty("darter.home", "");
        try {
            return given.isEmpty()
                    ? assemble(Path.of("..", "app"))
                    : Path.of(given).toRealPath();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "darter.home: " + e.getMessage() + " (expected: the app module is packaged)", e);
        }
    }

    private static Path assemble(Path app) throws IOException {
        Path home = Files.createDirectories(Path.of("target", "dist")).toRealPath();
        copy(app.resolve("src/main/dist/bin"), home.resolve("bin"), "");
        copy(app.resolve("src/main/dist/lib"), home.resolve("lib"), "");
        copy(app.resolve("target/lib"), home.resolve("lib"), ".jar");
        copy(app.resolve("target"), home.resolve("lib"), ".jar");
        assertThat(home.resolve("lib")).as("jars of the app module").isDirectoryContaining("glob:**/darter-app-*.jar");
        return home;
    }

    private static void copy(Path from, Path to, String ending) throws IOException {
        Files.createDirectories(to);
        List<Path> files;
        try (Stream<Path> all = Files.list(from)) {
            files = all.filter(file -> Files.isRegularFile(file)
                            && file.getFileName().toString().endsWith(ending))
                    .toList();
        }
        for (Path file : files) {
            Files.copy(
                    file,
                    to.resolve(file.getFileName()),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
    }
}
