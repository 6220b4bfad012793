package dev.darter.app.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.darter.core.NetAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code GET /metrics} of a manager or scheduler, in Prometheus' text form. */
public final class MetricsListener implements AutoCloseable {
    private final HttpServer server;

    private MetricsListener(HttpServer server) {
        this.server = server;
    }

    /** @throws IOException naming the address that cannot be listened on */
    static MetricsListener start(NetAddress address, Supplier<String> text) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
        } catch (IOException e) {
            throw new IOException(
                    "metrics.addr: listen on " + address.host() + ":" + address.port() + ": " + e.getMessage()
                            + " (expected: a free port)",
                    e);
        }
        server.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("metrics-", 0).factory()));
        server.createContext("/", exchange -> answer(exchange, text));
        server.start();
        return new MetricsListener(server);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, Supplier<String> text) throws IOException {
        try (exchange) {
            boolean asked = exchange.getRequestURI().getPath().equals("/metrics")
                    && exchange.getRequestMethod().equals("GET");
            if (!asked) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = text.get().getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
