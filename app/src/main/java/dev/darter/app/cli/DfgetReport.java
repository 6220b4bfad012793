package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The lines of upstream's tool, which scripts look for. */
final class DfgetReport implements Report {
    private final PrintStream out;
    private final PrintStream err;
    private final Bar bar;
    private final boolean showProgress;
    private String url = "";

    DfgetReport(PrintStream out, PrintStream err, boolean showProgress) {
        this.out = out;
        this.err = err;
        this.showProgress = showProgress;
        this.bar = new Bar(out, showProgress && Bar.onTerminal());
    }

    @Override
    public void begin(Wanted wanted) {
        url = wanted.url();
        // yyyy-MM-ddTHH:mm:ss, or without :ss
        String now = now().toString();
        String seconds = now.length() < 19 ? now + ":00" : now;
        // one write instead of five
        out.print(
                "--" + seconds.replace('T', ' ') + "--  " + url + "\ndfget version: " + Version.GIT + "\ncurrent user: "
                        + System.getProperty("user.name") + "\noutput path: " + wanted.output()
                        + "\ninit success and start to download\n");
        out.flush();
    }

    /** Where the clock shows UTC anyway, reading the JDK's time zones would be a quarter of a small download. */
    private static LocalDateTime now() {
        long seconds = System.currentTimeMillis() / 1000;
        return isUtc()
                ? LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC)
                : LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneId.systemDefault());
    }

    private static boolean isUtc() {
        String zone = System.getenv("TZ");
        if (zone != null && !zone.isEmpty()) {
            return zone.equals("UTC");
        }
        Path local = Path.of("/etc/localtime");
        try {
            return Files.readSymbolicLink(local).endsWith("UTC");
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public void progress(DownloadProgress progress) {
        if (showProgress) {
            bar.show(progress);
        }
    }

    @Override
    public void note(String message) {
        bar.clear();
        out.println(message);
    }

    @Override
    public void done(Wanted wanted, DownloadProgress last) {
        bar.clear();
        out.print("finish total length " + last.completed() + " bytes\ndownload success: true cost: " + millis()
                + " ms\n");
        out.flush();
    }

    @Override
    public void error(int code, String message) {
        bar.clear();
        if (url.isEmpty()) {
            err.println("Error: " + message);
            return;
        }
        out.println("download success: false cost: " + millis() + " ms error: " + message);
        err.println("Error: download url " + url + ": " + message);
    }

    private long millis() {
        return bar.nanos() / 1_000_000;
    }
}
