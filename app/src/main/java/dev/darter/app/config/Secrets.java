package dev.darter.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** Secrets that nobody was asked for: made once, kept in a file that only its owner can read. */
public final class Secrets {
    private static final int BYTES = 15;

    private Secrets() {}

    /** The secret in {@code file}, made if need be. */
    public static String keep(Path file) {
        try {
            if (Files.exists(file)) {
                return Files.readString(file).strip();
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            write(file, secret);
            return secret;
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read or made: " + e.getMessage());
        }
    }

    /** Writes a secret so that only its owner can read it. */
    public static void write(Path file, String secret) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, secret + "\n", StandardOpenOption.WRITE);
    }

    /** What the environment says, if anything. */
    public static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
