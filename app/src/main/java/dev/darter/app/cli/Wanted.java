package dev.darter.app.cli;

import dev.darter.app.config.Units;
import dev.darter.core.ByteRange;
import dev.darter.core.Digest;
import dev.darter.core.Priority;
import dev.darter.core.UrlMeta;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a user asked a tool to download, checked before anybody is asked.
 *
 * @param output absolute; a file, or with {@code piped} what takes bytes one after the other
 * @param piped whether the tool itself writes the bytes, in order, while they come
 * @param timeout zero for none
 * @param bytesPerSecond 0 for the daemon's own limit
 */
record Wanted(
        String url,
        UrlMeta meta,
        Path output,
        boolean piped,
        Duration timeout,
        double bytesPerSecond,
        boolean disableBackSource,
        boolean originalOffset) {
    private static final long LOWEST_RATE = 64 << 10;

    /** What upstream's tool asks for when it is told nothing. */
    private static final double DFGET_RATE = 1L << 30;

    Wanted {
        checkUrl(url);
        if (!meta.digest().isEmpty()) {
            check(() -> Digest.parse(meta.digest()));
        }
        if (!meta.range().isEmpty()) {
            check(() -> ByteRange.parse(meta.range(), -1));
        }
        if (bytesPerSecond != 0 && bytesPerSecond < LOWEST_RATE) {
            throw new UsageException("--ratelimit: " + (long) bytesPerSecond + " (expected: at least 64Ki a second)");
        }
        output = output.toAbsolutePath().normalize();
        if (!piped) {
            checkOutput(output);
        } else if (originalOffset) {
            throw new UsageException(
                    "--original-offset: with " + output + " (expected: a file; there is no offset in a pipe)");
        }
    }

    /**
     * What a command line asks for.
     *
     * @param dfget whether by the rules of upstream's tool: a digest takes the place of a tag, there is a limit by default
     * @throws ToolException if something in it cannot be
     */
    static Wanted of(Arguments arguments, boolean dfget) {
        String url = arguments.url();
        checkUrl(url);
        Map<String, String> headers = headers(arguments.all(Flag.HEADER));
        String digest = arguments.text(Flag.DIGEST);
        var meta = new UrlMeta(
                digest,
                dfget && !digest.isEmpty() ? "" : arguments.text(Flag.TAG),
                range(headers, arguments.text(Flag.RANGE)),
                arguments.text(Flag.FILTER),
                headers,
                arguments.text(Flag.APPLICATION),
                priority(arguments.text(Flag.PRIORITY)));
        Path output = output(arguments, url, dfget);
        String rate = arguments.text(Flag.RATE_LIMIT);
        return new Wanted(
                url,
                meta,
                output,
                !dfget && Pipe.isPipe(output),
                timeout(arguments.text(Flag.TIMEOUT)),
                dfget && rate.isEmpty() ? DFGET_RATE : rate(rate),
                arguments.on(Flag.DISABLE_BACK_SOURCE),
                arguments.on(Flag.ORIGINAL_OFFSET));
    }

    /** {@code -} is standard output; to upstream's tool it is a file like any other. */
    private static Path output(Arguments arguments, String url, boolean dfget) {
        String output = arguments.text(Flag.OUTPUT);
        if (!dfget && (arguments.toStandardOutput() || output.equals(Pipe.STANDARD_OUTPUT))) {
            return Path.of("/dev/stdout");
        }
        return output.isEmpty() ? outputFor(url) : path(output);
    }

    /** A range among the headers wins, and is none any more. */
    private static String range(Map<String, String> headers, String flag) {
        String range = flag;
        for (String name : List.copyOf(headers.keySet())) {
            if (name.equalsIgnoreCase("range")) {
                String value = String.valueOf(headers.remove(name));
                range = value.startsWith("bytes=") ? value.substring("bytes=".length()) : value;
            }
        }
        return range;
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("--output: " + text + " (expected: a path): " + e.getReason());
        }
    }

    /** {@code Name: value} lines; a value may hold commas. */
    static Map<String, String> headers(List<String> lines) {
        var headers = new LinkedHashMap<String, String>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new UsageException("--header: a line without a name (expected: Name: value)");
            }
            headers.put(
                    line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static Priority priority(String text) {
        try {
            return Priority.values()[text.isEmpty() ? 0 : Integer.parseInt(text)];
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new UsageException("--priority: " + text + " (expected: 0..6)");
        }
    }

    private static double rate(String text) {
        try {
            return text.isEmpty() ? 0 : Units.bytes(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--ratelimit: " + text + " (expected: bytes a second such as 64Ki, 20Mi or 1Gi)");
        }
    }

    private static Duration timeout(String text) {
        try {
            return text.isEmpty() || text.equals("0") ? Duration.ZERO : Units.duration(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--timeout: " + text + " (expected: a duration such as 30s or 5m)");
        }
    }

    /** The last part of the URL's path. */
    static Path outputFor(String url) {
        int end = url.indexOf('?') < 0 ? url.length() : url.indexOf('?');
        String name = url.substring(url.lastIndexOf('/', end - 1) + 1, end);
        if (name.isEmpty() || name.contains(":")) {
            throw new UsageException("output: the URL names no file (expected: -O path)");
        }
        return Path.of(name);
    }

    private static void checkUrl(String url) {
        try {
            var uri = new URI(url);
            if (uri.getScheme() == null || uri.getHost() == null) {
                throw new UsageException("url: " + url + " (expected: a scheme and a host, such as http://host/path)");
            }
        } catch (URISyntaxException e) {
            throw new UsageException("url: " + url + " (expected: such as http://host/path): " + e.getReason());
        }
    }

    private interface Check {
        Object run();
    }

    /** The words of the vocabulary are those of the flags. */
    private static void check(Check check) {
        try {
            var _ = check.run();
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
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
