package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Files that no two runs share a byte of, and their digests. */
final class Payload {
    private static final int CHUNK = 1 << 20;

    private Payload() {}

    /** Writes random bytes; their SHA-256 in hex. */
    static String write(Path file, long size) throws IOException {
        var random = new SplittableRandom();
        var digest = sha256();
        byte[] chunk = new byte[CHUNK];
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long left = size; left > 0; left -= CHUNK) {
                random.nextBytes(chunk);
                int length = (int) Math.min(CHUNK, left);
                digest.update(chunk, 0, length);
                var buffer = ByteBuffer.wrap(chunk, 0, length);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** SHA-256 in hex of what a file holds. */
    static String digest(Path file) throws IOException {
        var digest = sha256();
        var buffer = ByteBuffer.allocate(CHUNK);
        try (var channel = FileChannel.open(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
