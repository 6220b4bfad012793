package dev.darter.app.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.darter.core.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An origin with one file behind a narrow link: all answers together never exceed the link's rate. The file exists only as a rule, so that
 * it costs no disk: each chunk is the output of a generator seeded with the chunk's number.
 */
final class DemoOrigin implements AutoCloseable {
    /** Small beside a piece, so that concurrent answers share the link evenly. */
    private static final int CHUNK = 64 << 10;

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    private final HttpServer server;
    private final long size;
    private final long bytesPerSecond;
    private final LongAdder sent = new LongAdder();
    private long linkFreeAt = System.nanoTime(); // guarded by this

    private DemoOrigin(HttpServer server, long size, long bytesPerSecond) {
        this.server = server;
        this.size = size;
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * Starts to serve on loopback.
     *
     * @param port 0 for any
     */
    static DemoOrigin start(int port, long size, long bytesPerSecond) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("origin-", 0).factory()));
        var origin = new DemoOrigin(server, size, bytesPerSecond);
        server.createContext("/", origin::answer);
        server.start();
        return origin;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/model.bin";
    }

    /** Body bytes of all answers so far. */
    long sentBytes() {
        return sent.sum();
    }

    /** What the content hashes to, in hex. */
    String sha256() {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        byte[] chunk = new byte[CHUNK];
        for (long offset = 0; offset < size; offset += CHUNK) {
            fill(chunk, offset / CHUNK);
            sha256.update(chunk, 0, (int) Math.min(CHUNK, size - offset));
        }
        return Digest.hex(sha256.digest());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!exchange.getRequestURI().getPath().equals("/model.bin")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            var headers = exchange.getResponseHeaders();
            headers.set("Accept-Ranges", "bytes");
            headers.set("Content-Type", "application/octet-stream");
            headers.set("ETag", "\"darter-demo-" + size + "\"");
            long first = 0;
            long last = size - 1;
            int status = 200;
            String range = exchange.getRequestHeaders().getFirst("Range");
            Matcher wanted = RANGE.matcher(range == null ? "" : range);
            if (wanted.matches()) {
                status = 206;
                first = Long.parseLong(wanted.group(1));
                last = wanted.group(2).isEmpty() ? last : Math.min(last, Long.parseLong(wanted.group(2)));
                if (first > last) {
                    headers.set("Content-Range", "bytes */" + size);
                    exchange.sendResponseHeaders(416, -1);
                    return;
                }
                headers.set("Content-Range", "bytes " + first + "-" + last + "/" + size);
            }
            if (method.equals("HEAD")) {
                headers.set("Content-Length", Long.toString(last - first + 1));
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, last - first + 1);
            send(exchange.getResponseBody(), first, last);
        }
    }

    private void send(OutputStream out, long first, long last) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long offset = first; offset <= last; ) {
            long number = offset / CHUNK;
            int from = (int) (offset - number * CHUNK);
            int length = (int) Math.min(CHUNK - from, last - offset + 1);
            fill(chunk, number);
            passLink(length);
            out.write(chunk, from, length);
            sent.add(length);
            offset += length;
        }
    }

    private static void fill(byte[] chunk, long number) {
        new SplittableRandom(number).nextBytes(chunk);
    }

    /** Waits for this many bytes' turn on the link. Idle time is not saved up. */
    private void passLink(int bytes) {
        long until;
        synchronized (this) {
            linkFreeAt = Math.max(linkFreeAt, System.nanoTime()) + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            until = linkFreeAt;
        }
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
