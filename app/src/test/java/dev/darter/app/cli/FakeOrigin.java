package dev.darter.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.Executors;

/** An HTTP origin whose paths say how it behaves; every file is the same size and has other bytes. */
final class FakeOrigin implements AutoCloseable {
    static final int SIZE = 300_000;

    private final HttpServer server;

    private FakeOrigin(HttpServer server) {
        this.server = server;
    }

    static FakeOrigin start() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", FakeOrigin::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return new FakeOrigin(server);
    }

    static byte[] content(String path) {
        byte[] content = new byte[SIZE];
        new Random(path.hashCode()).nextBytes(content);
        return content;
    }

    /** {@code /file…}, {@code /no-ranges…}, {@code /truncated…}, {@code /status/404}. */
    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            if (path.startsWith("/status/")) {
                exchange.sendResponseHeaders(Integer.parseInt(path.substring("/status/".length())), -1);
                return;
            }
            byte[] content = content(path);
            int from = 0;
            int to = SIZE;
            String range = exchange.getRequestHeaders().getFirst("Range");
            boolean partial = range != null && !path.startsWith("/no-ranges");
            if (partial) {
                String[] bounds = range.substring("bytes=".length()).split("-", -1);
                from = Integer.parseInt(bounds[0]);
                to = bounds[1].isEmpty() ? SIZE : (int) Math.min(SIZE, Long.parseLong(bounds[1]) + 1);
                exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + SIZE);
            }
            exchange.sendResponseHeaders(partial ? 206 : 200, to - from);
            int sent = path.startsWith("/truncated") ? (to - from) / 2 : to - from;
            exchange.getResponseBody().write(content, from, sent);
            exchange.getResponseBody().flush();
        }
    }
}
