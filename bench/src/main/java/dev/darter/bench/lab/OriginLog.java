package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the origin itself wrote down: one line a request with path, method, status, and the body bytes that it gave to the network,
 * also of requests that the other side gave up.
 */
final class OriginLog {
    /** nginx's words for a line that {@link #use} reads. */
    static final String FORMAT = "$uri $request_method $status $body_bytes_sent";

    private OriginLog() {}

    /**
     * What one path cost.
     *
     * @param requests of any method
     * @param bodyBytes of all its answers
     */
    record Use(int requests, long bodyBytes) {}

    static Use use(Path log, String path) throws IOException {
        return use(Files.readAllLines(log), path);
    }

    /** Of all paths. */
    static long bodyBytes(Path log) throws IOException {
        long bytes = 0;
        for (String line : Files.readAllLines(log)) {
            String[] fields = line.split(" ", -1);
            if (isWhole(fields)) {
                bytes += Long.parseLong(fields[3]);
            }
        }
        return bytes;
    }

    /** A line still being written has fewer fields and is left out. */
    static Use use(List<String> lines, String path) {
        int requests = 0;
        long bytes = 0;
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            if (isWhole(fields) && fields[0].equals(path)) {
                requests++;
                bytes += Long.parseLong(fields[3]);
            }
        }
        return new Use(requests, bytes);
    }

    private static boolean isWhole(String[] fields) {
        return fields.length == 4 && fields[3].matches("\\d+");
    }
}
