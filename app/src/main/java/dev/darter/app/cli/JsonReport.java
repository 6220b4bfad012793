package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;
import dev.darter.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** One JSON object a line, for programs. Written by hand: a library would take longer to load than a small download. */
final class JsonReport implements Report {
    private final PrintStream out;
    private final PrintStream err;
    private final long started = System.nanoTime();

    JsonReport(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void begin(Wanted wanted) {
        // the first progress says all there is to say
    }

    @Override
    public void progress(DownloadProgress progress) {
        if (!progress.done()) {
            out.println(line("progress", progress).append('}'));
        }
    }

    @Override
    public void note(String message) {
        err.println(message);
    }

    @Override
    public void done(Wanted wanted, DownloadProgress last) {
        String sha256 = last.sha256().isEmpty() ? sha256(wanted.output()) : last.sha256();
        var line = line("done", last).append(",\"sha256\":");
        out.println(
                quote(line, sha256).append(",\"seconds\":").append(seconds()).append('}'));
    }

    @Override
    public void error(int code, String message) {
        var line = new StringBuilder("{\"event\":\"error\",\"seconds\":")
                .append(seconds())
                .append(",\"code\":")
                .append(code)
                .append(",\"message\":");
        out.println(quote(line, message).append('}'));
    }

    private static StringBuilder line(String event, DownloadProgress progress) {
        var line = new StringBuilder("{\"event\":\"").append(event).append("\",\"task\":");
        return quote(line, progress.task())
                .append(",\"bytes\":")
                .append(progress.completed())
                .append(",\"total\":")
                .append(progress.total())
                .append(",\"sources\":{\"local\":")
                .append(progress.local())
                .append(",\"peer\":")
                .append(progress.peer())
                .append(",\"origin\":")
                .append(progress.origin())
                .append('}');
    }

    private String seconds() {
        long millis = (System.nanoTime() - started) / 1_000_000;
        return millis / 1000 + "." + millis / 100 % 10 + millis / 10 % 10 + millis % 10;
    }

    /** As a JSON string; what may not stand in one is escaped. */
    static StringBuilder quote(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                line.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    line.append(Character.forDigit(c >> shift & 15, 16));
                }
            } else {
                line.append(c);
            }
        }
        return line.append('"');
    }

    static String sha256(Path file) {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        try (InputStream content = Files.newInputStream(file)) {
            byte[] buffer = new byte[256 << 10];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new ToolException("output: " + file + " cannot be read: " + e.getMessage());
        }
        return Digest.hex(sha256.digest());
    }
}
