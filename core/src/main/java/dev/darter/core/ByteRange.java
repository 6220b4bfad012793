package dev.darter.core;

import java.util.regex.Pattern;

/**
 * A contiguous, non-empty slice of some content.
 *
 * @param start first byte, from 0
 * @param length bytes; at least 1
 */
public record ByteRange(long start, long length) {
    /** The two forms that are legal in {@code UrlMeta.range}; suffix ranges are not. */
    private static final Pattern FORM = Pattern.compile("(\\d{1,19})-(\\d{0,19})");

    public ByteRange {
        if (start < 0) {
            throw new IllegalArgumentException("range start: " + start + " (expected: >= 0)");
        }
        if (length < 1) {
            throw new IllegalArgumentException("range length: " + length + " (expected: >= 1)");
        }
    }

    /**
     * Reads {@code start-end} (end included) or {@code start-}, without a unit.
     *
     * @param contentLength bytes of the whole content; negative when unknown, then an open or over-long range reaches as
     *     far as a length can tell
     * @throws IllegalArgumentException if the text has another form, ends before it starts, or starts behind the content
     */
    public static ByteRange parse(String text, long contentLength) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw illegal(text, "start-end or start-");
        }
        try {
            long start = Long.parseLong(matcher.group(1));
            long last = contentLength < 0 ? Long.MAX_VALUE - 1 : contentLength - 1;
            long end = matcher.group(2).isEmpty() ? last : Long.parseLong(matcher.group(2));
            if (end < start && !matcher.group(2).isEmpty()) {
                throw illegal(text, "an end that is not before the start");
            }
            if (start > last) {
                throw illegal(text, "a start before the end of " + contentLength + " bytes");
            }
            return new ByteRange(start, Math.min(end, last) - start + 1);
        } catch (NumberFormatException e) {
            throw illegal(text, "numbers up to " + Long.MAX_VALUE);
        }
    }

    private static IllegalArgumentException illegal(String text, String expected) {
        return new IllegalArgumentException("range: " + Texts.shorten(text) + " (expected: " + expected + ")");
    }

    /** First byte after the range. */
    public long end() {
        return start + length;
    }

    /** {@code bytes=first-last}, as an HTTP request names it. */
    public String toHttpHeader() {
        return "bytes=" + start + "-" + (end() - 1);
    }
}
