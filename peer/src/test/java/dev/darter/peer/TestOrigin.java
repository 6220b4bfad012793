package dev.darter.peer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.darter.core.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An HTTP origin that keeps count, and can be told to misbehave. */
public final class TestOrigin implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicLong bytesSent = new AtomicLong();

    /** One path and how it is served. */
    public static final class Page {
        private volatile byte[] content;
        private volatile String etag = "\"1\"";
        private volatile boolean chunked;
        private volatile boolean rangeable = true;
        private volatile int status = 200;
        private volatile int cutAfter = Integer.MAX_VALUE;
        private final AtomicInteger cuts = new AtomicInteger();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private volatile int gateAt = Integer.MAX_VALUE;

        private Page(byte[] content) {
            this.content = content;
        }

        public byte[] content() {
            return content;
        }

        /** New content with a new validator. */
        public Page change(byte[] newContent) {
            content = newContent;
            etag = "\"" + System.nanoTime() + "\"";
            return this;
        }

        public Page chunked() {
            chunked = true;
            return this;
        }

        public Page withoutRanges() {
            rangeable = false;
            return this;
        }

        public Page status(int newStatus) {
            status = newStatus;
            return this;
        }

        /** The next answers break off after so many bytes. */
        public Page cutAfter(int bytes, int times) {
            cutAfter = bytes;
            cuts.set(times);
            return this;
        }

        /** Every answer waits at this byte until {@link #open}. */
        public Page gateAt(int position) {
            gate = new CountDownLatch(1);
            gateAt = position;
            return this;
        }

        public void open() {
            gate.countDown();
        }
    }

    private TestOrigin(HttpServer server) {
        this.server = server;
    }

    public static TestOrigin start() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var origin = new TestOrigin(server);
        server.createContext("/", origin::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return origin;
    }

    /** Bytes that look random but are the same for the same size. */
    public static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    public static String sha256(byte[] bytes) {
        return "sha256:" + Digest.hex(Digest.Algorithm.SHA256.newMessageDigest().digest(bytes));
    }

    public Page put(String path, byte[] content) {
        var page = new Page(content);
        pages.put(path, page);
        return page;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    public long bytesSent() {
        return bytesSent.get();
    }

    /** Path and Range header of every request. */
    public List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(path + (range == null ? "" : " " + range));
        try (exchange) {
            Page page = pages.get(path);
            if (page == null || page.status != 200) {
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                exchange.sendResponseHeaders(page == null ? 404 : page.status, -1);
                return;
            }
            send(exchange, page, range);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(HttpExchange exchange, Page page, String range) throws IOException, InterruptedException {
        byte[] content = page.content;
        int from = 0;
        int to = content.length;
        boolean partial = range != null && page.rangeable;
        if (partial) {
            String[] bounds = range.substring("bytes=".length()).split("-", -1);
            from = Integer.parseInt(bounds[0]);
            to = (int) Math.min(content.length, bounds[1].isEmpty() ? content.length : Long.parseLong(bounds[1]) + 1);
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.length);
        }
        if (page.rangeable) {
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        }
        exchange.getResponseHeaders().set("Etag", page.etag);
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        long length = page.chunked ? 0 : to == from ? -1 : to - from;
        exchange.sendResponseHeaders(partial ? 206 : 200, length);
        if (length < 0) {
            return;
        }
        int end = to;
        if (page.cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            end = Math.min(to, from + page.cutAfter);
        }
        var body = exchange.getResponseBody();
        for (int position = from; position < end; ) {
            if (position >= page.gateAt) {
                body.flush();
                page.gate.await();
            }
            int bytes = Math.min(64 << 10, end - position);
            if (position < page.gateAt) {
                bytes = Math.min(bytes, page.gateAt - position);
            }
            body.write(content, position, bytes);
            position += bytes;
            bytesSent.addAndGet(bytes);
        }
        if (end < to) {
            body.flush();
            exchange.close(); // less than promised: the connection ends here
        }
    }
}
