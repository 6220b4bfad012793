package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Progress for people: a bar that moves on a terminal, a line now and then elsewhere. Used by one thread. */
final class Bar {
    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 50_000_000;
    private static final long LINE_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final boolean terminal;
    private final long started = System.nanoTime();
    private long drawn = started;
    private boolean dirty;

    Bar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether standard output is a terminal; asking the console would load a good part of the JDK. */
    static boolean onTerminal() {
        return onTerminal(1);
    }

    /** @param descriptor 1 for standard output, 2 for standard error */
    static boolean onTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    void show(DownloadProgress progress) {
        long now = System.nanoTime();
        if (progress.done() || now - drawn < (terminal ? REDRAW_NANOS : LINE_NANOS)) {
            return;
        }
        drawn = now;
        if (terminal) {
            dirty = true;
            out.print("\r" + draw(progress) + "\u001b[K");
            out.flush();
        } else {
            out.println(figures(progress));
        }
    }

    /** Makes room for other lines. */
    void clear() {
        if (dirty) {
            dirty = false;
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    private String draw(DownloadProgress progress) {
        if (progress.total() <= 0) {
            return figures(progress);
        }
        int filled = (int) (WIDTH * progress.completed() / progress.total());
        return "[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + figures(progress);
    }

    private String figures(DownloadProgress progress) {
        String share = progress.total() <= 0 ? "" : 100 * progress.completed() / progress.total() + "%  ";
        return share + size(progress.completed()) + "  " + size(rate(progress.completed())) + "/s";
    }

    long nanos() {
        return System.nanoTime() - started;
    }

    /** Bytes a second since the start. */
    long rate(long bytes) {
        return (long) (bytes / Math.max(1e-3, nanos() / 1e9));
    }

    /** Bytes for people. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = 0;
        long scale = 1024;
        while (bytes / scale >= 1024 && unit < 4) {
            scale *= 1024;
            unit++;
        }
        long tenths = Math.round(bytes * 10.0 / scale);
        return tenths / 10 + "." + tenths % 10 + " " + "KMGTP".charAt(unit) + "iB";
    }

    /** Hundredths of a second for people. */
    static String seconds(long nanos) {
        long hundredths = nanos / 10_000_000;
        return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10;
    }
}
