package dev.darter.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers GET on one path with one text: pings of load balancers and image runtimes, scrapes of metrics. */
final class StatusServer implements AutoCloseable {
    private final HttpServer server;

    private StatusServer(HttpServer server) {
        this.server = server;
    }

    /**
     * @param name of the property that says where to listen, for messages
     * @throws IOException naming the address that cannot be listened on
     */
    static StatusServer start(
            String name, PeerConfig.Listen listen, String path, String contentType, Supplier<String> text)
            throws IOException {
        HttpServer server = bind(name, listen);
        server.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("status-", 0).factory()));
        server.createContext("/", exchange -> answer(exchange, path, contentType, text));
        server.start();
        return new StatusServer(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static HttpServer bind(String name, PeerConfig.Listen listen) throws IOException {
        for (int port = listen.firstPort(); ; port++) {
            try {
                return HttpServer.create(new InetSocketAddress(listen.address(), port), 0);
            } catch (BindException e) {
                if (port >= listen.lastPort()) {
                    throw new IOException(
                            name + ": listen on " + listen.address() + ":" + port + ": " + e.getMessage()
                                    + " (expected: a free port)",
                            e);
                }
            }
        }
    }

    private static void answer(HttpExchange exchange, String path, String contentType, Supplier<String> text)
            throws IOException {
        try (exchange) {
            boolean asked = exchange.getRequestURI().getPath().equals(path)
                    && exchange.getRequestMethod().equals("GET");
            if (!asked) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = text.get().getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
