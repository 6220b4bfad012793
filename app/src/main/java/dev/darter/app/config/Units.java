package dev.darter.app.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Texts for times and sizes, as upstream's files and flags write them. */
public final class Units {
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Pattern SIZE =
            Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)\\s*([kmgtpe]?)i?b?(?:/s)?", Pattern.CASE_INSENSITIVE);

    private Units() {}

    /**
     * A Go duration such as {@code 1h30m} or {@code 500ms}; a bare whole number is nanoseconds.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static Duration duration(String text) {
        String rest = text.strip();
        if (rest.matches("\\d+")) {
            return Duration.ofNanos(fitting(new BigDecimal(rest), text));
        }
        boolean negative = rest.startsWith("-");
        rest = negative || rest.startsWith("+") ? rest.substring(1) : rest;
        var matcher = DURATION_PART.matcher(rest);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(nanosOf(matcher.group(2)))));
            end = matcher.end();
        }
        if (end == 0 || end != rest.length()) {
            throw new IllegalArgumentException("duration: " + text + " (expected: such as 30s, 5m or 1h30m)");
        }
        Duration duration = Duration.ofNanos(fitting(nanos, text));
        return negative ? duration.negated() : duration;
    }

    /**
     * Bytes; K, M, G, T, P, E with or without i and B are all powers of 1024; {@code /s} may follow a rate.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static long bytes(String text) {
        var matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("size: " + text + " (expected: such as 1024, 64Ki, 20Mi or 1.5Gi)");
        }
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        int power = unit.isEmpty() ? 0 : "kmgtpe".indexOf(unit) + 1;
        return fitting(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power))), text);
    }

    private static long fitting(BigDecimal number, String text) {
        if (number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException(text + ": too much (expected: less than 2^63)");
        }
        return number.longValue();
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs", "μs" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }
}
