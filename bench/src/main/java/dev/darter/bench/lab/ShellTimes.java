package dev.darter.bench.lab;

import java.util.regex.Pattern;

/** What a shell's {@code times} prints: {@code 0m0.01s} four times, user and system of itself and of its children. */
final class ShellTimes {
    private static final Pattern TIME = Pattern.compile("(\\d+)m(\\d+(?:\\.\\d+)?)s");

    private ShellTimes() {}

    /** CPU seconds in all. */
    static double parse(String text) {
        return TIME.matcher(text)
                .results()
                .mapToDouble(time -> 60 * Double.parseDouble(time.group(1)) + Double.parseDouble(time.group(2)))
                .sum();
    }
}
