package dev.darter.app.cli;

import dev.darter.core.Digest;
import dev.darter.wire.client.DaemonClient.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a line, for programs. */
final class JsonReport implements Report {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PrintStream out;
    private final long started = System.nanoTime();

    JsonReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(Wanted wanted) {
        // the first progress says all there is to say
    }

    @Override
    public void progress(Progress progress) {
        if (!progress.done()) {
            print(line("progress", progress));
        }
    }

    @Override
    public void done(Wanted wanted, Progress last) {
        var line = line("done", last);
        line.put("sha256", sha256(wanted.output()));
        line.put("seconds", seconds());
        print(line);
    }

    @Override
    public void error(int code, String message) {
        var line = new LinkedHashMap<String, Object>();
        line.put("event", "error");
        line.put("seconds", seconds());
        line.put("code", code);
        line.put("message", message);
        print(line);
    }

    private static Map<String, Object> line(String event, Progress progress) {
        var sources = new LinkedHashMap<String, Object>();
        sources.put("local", progress.local());
        sources.put("peer", progress.peer());
        sources.put("origin", progress.origin());
        var line = new LinkedHashMap<String, Object>();
        line.put("event", event);
        line.put("task", progress.task());
        line.put("bytes", progress.completed());
        line.put("total", progress.total());
        line.put("sources", sources);
        return line;
    }

    private double seconds() {
        return Math.round((System.nanoTime() - started) / 1e6) / 1e3;
    }

    private void print(Map<String, Object> line) {
        out.println(JSON.writeValueAsString(line));
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
