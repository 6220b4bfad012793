package dev.darter.app.demo;

import java.nio.charset.Charset;
import java.util.Locale;

/**
 * How text looks where it is shown. Colour and movement are for terminals only; letters beyond ASCII only where they can be printed.
 *
 * @param live whether lines can be drawn over
 */
record Style(boolean live, boolean colour, boolean unicode) {
    private static final int WIDTH = 28;

    @SuppressWarnings("SystemConsoleNull") // JDK 22 and later may still have none
    static Style here() {
        var console = System.console();
        boolean terminal = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        String noColour = System.getenv("NO_COLOR");
        Charset charset = System.out.charset();
        return new Style(
                terminal,
                terminal && (noColour == null || noColour.isEmpty()),
                charset.newEncoder().canEncode('━'));
    }

    String bold(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    String green(String text) {
        return paint("32", text);
    }

    String red(String text) {
        return paint("31", text);
    }

    String cyan(String text) {
        return paint("36", text);
    }

    private String paint(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /** A bar that is full at 1. */
    String bar(double part) {
        int filled = (int) Math.round(WIDTH * Math.clamp(part, 0, 1));
        return cyan((unicode ? "━" : "#").repeat(filled)) + dim((unicode ? "─" : ".").repeat(WIDTH - filled));
    }

    String rule(int width) {
        return dim((unicode ? "─" : "-").repeat(width));
    }

    String tick(boolean well) {
        return well ? green(unicode ? "✓" : "ok") : red(unicode ? "✗" : "WRONG");
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < 3) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", value, "KMGT".charAt(unit));
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
