package dev.darter.app.demo;

import dev.darter.app.serve.StopSignal;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Shows downloads while they run: a line each that moves on a terminal, a line at each end elsewhere. Used by one thread. */
final class Screen {
    private static final Duration REDRAW = Duration.ofMillis(100);

    private final PrintStream out;
    private final Style style;
    private final DemoOrigin origin;
    private final long size;
    private final Set<String> told = new HashSet<>();
    private int drawn;

    Screen(PrintStream out, Style style, DemoOrigin origin, long size) {
        this.out = out;
        this.style = style;
        this.origin = origin;
        this.size = size;
    }

    /** Shows until all have ended. */
    void watch(List<PeerDownload> downloads, List<Thread> threads, StopSignal stop) throws InterruptedException {
        long started = System.nanoTime();
        for (Thread thread : threads) {
            while (!thread.join(REDRAW)) {
                stop.check();
                show(downloads, System.nanoTime() - started);
            }
        }
        show(downloads, System.nanoTime() - started);
    }

    private void show(List<PeerDownload> downloads, long nanos) {
        if (style.live()) {
            draw(downloads, nanos);
        } else {
            downloads.stream()
                    .filter(download -> isOver(download) && told.add(download.peer()))
                    .forEach(download -> out.println("  " + ending(download)));
        }
    }

    private void draw(List<PeerDownload> downloads, long nanos) {
        var frame = new StringBuilder();
        if (drawn > 0) {
            frame.append("\u001b[").append(drawn).append('A');
        }
        for (PeerDownload download : downloads) {
            frame.append("\r  ").append(line(download, nanos)).append("\u001b[K\n");
        }
        long rate = (long) (origin.sentBytes() / Math.max(0.2, nanos / 1e9));
        frame.append("\r  ")
                .append(style.dim(String.format(
                        Locale.ROOT,
                        "%-8s sent %s to all of them, %s/s",
                        "origin",
                        Style.bytes(origin.sentBytes()),
                        Style.bytes(rate))))
                .append("\u001b[K\n");
        out.print(frame);
        out.flush();
        drawn = downloads.size() + 1;
    }

    private String line(PeerDownload download, long nanos) {
        long bytes = download.progress().completed();
        double part = (double) bytes / size;
        String end;
        if (isOver(download)) {
            end = download.failure().isEmpty()
                    ? Style.seconds(download.nanos()) + "  " + style.tick(true)
                    : style.red(download.failure());
        } else {
            end = Style.bytes((long) (bytes / Math.max(0.2, nanos / 1e9))) + "/s";
        }
        return String.format(
                Locale.ROOT,
                "%s %s %4d %%  %11s  %s",
                style.bold(String.format(Locale.ROOT, "%-8s", download.peer())),
                style.bar(part),
                (int) (100 * part),
                Style.bytes(bytes),
                end);
    }

    private static boolean isOver(PeerDownload download) {
        return download.verified() || !download.failure().isEmpty();
    }

    private static String ending(PeerDownload download) {
        return download.failure().isEmpty()
                ? download.peer() + " has " + Style.bytes(download.progress().completed()) + " after "
                        + Style.seconds(download.nanos()) + ", sha256 verified"
                : download.peer() + " failed: " + download.failure();
    }
}
