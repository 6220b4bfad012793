package dev.darter.core;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The id under which all peers, schedulers and preheat jobs find the same content.
 *
 * <p>Normally 64 lower-case hex digits (SHA-256). It is opaque to receivers, so an id read from the wire may be any text
 * that is safe as a file name.
 *
 * @param value letters, digits, {@code -}, {@code _}, {@code :} and {@code .}; 4 to 128 of them; never starting with a dot
 */
public record TaskId(String value) implements Comparable<TaskId> {
    private static final int MAX_LENGTH = 128;

    /** Upstream's upload path is built from the first three characters, so an id must have more than those. */
    private static final int MIN_LENGTH = 4;

    public TaskId {
        if (!isLegal(value)) {
            throw new IllegalArgumentException("task id: " + Texts.shorten(value)
                    + " (expected: 4 to 128 letters, digits, '-', '_', ':' or '.', not starting with '.')");
        }
    }

    /** Whether {@code value} may be a task id; it becomes a directory name, so nothing else is let in. */
    public static boolean isLegal(String value) {
        if (value.length() < MIN_LENGTH || value.length() > MAX_LENGTH || value.charAt(0) == '.') {
            return false;
        }
        return value.chars().allMatch(Texts::isFileNameCharacter);
    }

    /**
     * Derives the id of a request in the v1 family: SHA-256 over filtered URL, digest, range, tag and application, joined
     * without separators; an absent part contributes nothing. Headers, priority and the filter itself take no part.
     * Source: observed vectors of Dragonfly v2.1.28, see {@code TaskIdTest}.
     */
    public static TaskId v1(String url, UrlMeta meta) {
        return derive(url, meta, meta.range());
    }

    /** The id of the whole content that a ranged request cuts its bytes from: {@link #v1} without the range. */
    public static TaskId v1Parent(String url, UrlMeta meta) {
        return derive(url, meta, "");
    }

    /** The first three characters, which upstream puts before the id in the path of a piece download. */
    public String prefix() {
        return value.substring(0, 3);
    }

    private static TaskId derive(String url, UrlMeta meta, String range) {
        byte[] filtered = UrlFilter.of(meta.filter()).apply(url);
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        sha256.update(filtered);
        for (String part : new String[] {meta.digest(), range, meta.tag(), meta.application()}) {
            sha256.update(part.getBytes(UTF_8));
        }
        return new TaskId(Digest.hex(sha256.digest()));
    }

    @Override
    public int compareTo(TaskId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
