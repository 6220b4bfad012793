package dev.darter.app.cli;

import dev.darter.wire.client.DaemonClient.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** For people: a bar that moves on a terminal, a few lines elsewhere. */
final class PlainReport implements Report {
    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 50_000_000;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final long started = System.nanoTime();
    private long drawn;

    private PlainReport(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 22 and later may still have none
    static PlainReport on(PrintStream out, PrintStream err) {
        var console = System.console();
        return new PlainReport(out, err, console != null && console.isTerminal());
    }

    @Override
    public void begin(Wanted wanted) {
        out.println(wanted.url() + " -> " + wanted.output());
    }

    @Override
    public void progress(Progress progress) {
        long now = System.nanoTime();
        if (terminal && !progress.done() && now - drawn > REDRAW_NANOS) {
            drawn = now;
            out.print("\r" + bar(progress) + "\u001b[K");
            out.flush();
        }
    }

    private String bar(Progress progress) {
        if (progress.total() <= 0) {
            return size(progress.completed()) + "  " + size(rate(progress)) + "/s";
        }
        int filled = (int) (WIDTH * progress.completed() / progress.total());
        return "[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] "
                + 100 * progress.completed() / progress.total() + "%  " + size(progress.completed()) + "  "
                + size(rate(progress)) + "/s";
    }

    private long rate(Progress progress) {
        return (long) (progress.completed() / Math.max(1e-3, (System.nanoTime() - started) / 1e9));
    }

    @Override
    public void done(Wanted wanted, Progress last) {
        double seconds = (System.nanoTime() - started) / 1e9;
        if (terminal) {
            out.print("\r\u001b[K");
        }
        out.println(String.format(
                Locale.ROOT,
                "%s in %.2f s, %s/s (%s from peers, %s from the origin, %s were here)",
                size(last.completed()),
                seconds,
                size(rate(last)),
                size(last.peer()),
                size(last.origin()),
                size(last.local())));
    }

    @Override
    public void error(int code, String message) {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
        err.println("darter get: " + message);
    }

    /** Bytes for people. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < 4) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", value, "KMGTP".charAt(unit));
    }
}
