package dev.darter.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** An origin that answers each request with just the bytes that a test wrote down, then ends the connection. */
final class RawOrigin implements AutoCloseable {
    /** One request: its first line, then its header lines as they came. */
    record Request(List<String> lines) {
        String target() {
            return lines.getFirst().split(" ")[1];
        }

        Optional<String> header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .findFirst();
        }
    }

    private final ServerSocket server;
    private final Function<Request, String> answer;
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    private RawOrigin(ServerSocket server, Function<Request, String> answer) {
        this.server = server;
        this.answer = answer;
    }

    /** @param answer the whole answer, one character a byte; an empty text leaves the request without an answer */
    static RawOrigin answering(Function<Request, String> answer) throws IOException {
        return on(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    static RawOrigin on(ServerSocket server, Function<Request, String> answer) {
        var origin = new RawOrigin(server, answer);
        Thread.ofVirtual().name("origin").start(origin::accept);
        return origin;
    }

    /** As {@link #answering}, a text for every request. */
    static RawOrigin saying(String text) throws IOException {
        return answering(_ -> text);
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    int port() {
        return server.getLocalPort();
    }

    List<Request> requests() {
        return requests;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            var lines = new ArrayList<String>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                lines.add(line);
            }
            if (lines.isEmpty()) {
                return;
            }
            var request = new Request(List.copyOf(lines));
            requests.add(request);
            String text = answer.apply(request);
            if (text.isEmpty()) {
                var _ = in.read(); // until the other side ends it
                return;
            }
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(ISO_8859_1));
            out.flush();
            socket.shutdownOutput();
            var _ = in.read();
        } catch (IOException e) {
            // the client hung up, which is its right
        }
    }
}
