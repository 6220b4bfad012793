package dev.darter.core;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Identifies a host in the swarm: 64 hex digits, SHA-256 over its IP address directly followed by its hostname. Schedulers
 * compute it for the seed peers that the manager lists, so a seed peer must announce exactly this id.
 *
 * @param value opaque to receivers; not empty
 */
public record HostId(String value) {
    public HostId {
        if (value.isEmpty() || value.length() > 512) {
            throw new IllegalArgumentException("host id: " + Texts.shorten(value) + " (expected: 1 to 512 characters)");
        }
    }

    public static HostId of(String ip, String hostname) {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        sha256.update(ip.getBytes(UTF_8));
        sha256.update(hostname.getBytes(UTF_8));
        return new HostId(Digest.hex(sha256.digest()));
    }

    @Override
    public String toString() {
        return value;
    }
}
