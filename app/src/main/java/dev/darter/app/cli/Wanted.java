package dev.darter.app.cli;

import dev.darter.app.config.Units;
import dev.darter.core.ByteRange;
import dev.darter.core.Digest;
import dev.darter.core.Priority;
import dev.darter.core.UrlMeta;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a user asked a tool to download, checked before anybody is asked. */
record Wanted(
        String url,
        UrlMeta meta,
        Path output,
        Duration timeout,
        double bytesPerSecond,
        boolean disableBackSource,
        boolean originalOffset) {
    private static final long LOWEST_RATE = 64 << 10;

    Wanted {
        checkUrl(url);
        if (!meta.digest().isEmpty()) {
            check("--digest", meta.digest(), () -> Digest.parse(meta.digest()));
        }
        if (!meta.range().isEmpty()) {
            check("--range", meta.range(), () -> ByteRange.parse(meta.range(), -1));
        }
        if (bytesPerSecond != 0 && bytesPerSecond < LOWEST_RATE) {
            throw new ToolException("--ratelimit: " + (long) bytesPerSecond + " (expected: at least 64Ki a second)");
        }
        output = output.toAbsolutePath().normalize();
        checkOutput(output);
    }

    /** {@code Name: value} lines; a value may hold commas. */
    static Map<String, String> headers(List<String> lines) {
        var headers = new LinkedHashMap<String, String>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new ToolException("--header: a line without a name (expected: Name: value)");
            }
            headers.put(
                    line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
        return headers;
    }

    static Priority priority(int level) {
        if (level < 0 || level >= Priority.values().length) {
            throw new ToolException("--priority: " + level + " (expected: 0..6)");
        }
        return Priority.values()[level];
    }

    static double rate(String text) {
        try {
            return Units.bytes(text);
        } catch (IllegalArgumentException e) {
            throw new ToolException("--ratelimit: " + text + " (expected: bytes a second such as 64Ki, 20Mi or 1Gi)");
        }
    }

    static Duration timeout(String text) {
        try {
            return text.isEmpty() || text.equals("0") ? Duration.ZERO : Units.duration(text);
        } catch (IllegalArgumentException e) {
            throw new ToolException("--timeout: " + text + " (expected: a duration such as 30s or 5m)");
        }
    }

    /** The last part of the URL's path. */
    static Path outputFor(String url) {
        int end = url.indexOf('?') < 0 ? url.length() : url.indexOf('?');
        String name = url.substring(url.lastIndexOf('/', end - 1) + 1, end);
        if (name.isEmpty() || name.contains(":")) {
            throw new ToolException("output: the URL names no file (expected: -O path)");
        }
        return Path.of(name);
    }

    private static void checkUrl(String url) {
        try {
            var uri = new URI(url);
            if (uri.getScheme() == null || uri.getHost() == null) {
                throw new ToolException("url: " + url + " (expected: a scheme and a host, such as http://host/path)");
            }
        } catch (URISyntaxException e) {
            throw new ToolException("url: " + url + " (expected: such as http://host/path): " + e.getReason());
        }
    }

    private interface Check {
        Object run();
    }

    private static void check(String flag, String value, Check check) {
        try {
            var _ = check.run();
        } catch (IllegalArgumentException e) {
            throw new ToolException(flag + ": " + value + ": " + e.getMessage());
        }
    }

    /** The nearest directory that exists must take a file. */
    private static void checkOutput(Path output) {
        if (Files.isDirectory(output)) {
            throw new ToolException("output: " + output + " is a directory (expected: a file)");
        }
        Path directory = output.getParent();
        while (directory != null && !Files.exists(directory)) {
            directory = directory.getParent();
        }
        if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new ToolException(
                    "output: " + output + " cannot be written (expected: a directory that takes files)");
        }
    }
}
