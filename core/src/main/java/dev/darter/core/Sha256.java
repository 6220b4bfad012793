package dev.darter.core;

import java.nio.ByteBuffer;

/** A SHA-256, 32 bytes as four big-endian numbers: compared and kept by the thousand, one for each block. */
public record Sha256(long first, long second, long third, long fourth) {
    public static final int BYTES = 32;

    /** @throws IllegalArgumentException if there are not exactly 32 bytes */
    public static Sha256 of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("SHA-256: " + bytes.length + " bytes (expected: " + BYTES + ")");
        }
        var buffer = ByteBuffer.wrap(bytes);
        return new Sha256(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    /** Of all bytes that remain in {@code bytes}, whose position stays. */
    public static Sha256 hash(ByteBuffer bytes) {
        var digest = Digest.Algorithm.SHA256.newMessageDigest();
        digest.update(bytes.duplicate());
        return of(digest.digest());
    }

    /** @throws IllegalArgumentException if the text is not 64 hex digits */
    public static Sha256 parse(String hex) {
        return of(java.util.HexFormat.of().parseHex(hex));
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }

    /** 64 lower-case hex digits. */
    @Override
    public String toString() {
        return Digest.hex(toBytes());
    }
}
