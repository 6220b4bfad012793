package dev.darter.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which daemon a tool asks when it is not told: that of {@code $DARTER_CLUSTER}, of the running default cluster, of this node. */
final class FindDaemon {
    static final Path NODE = Path.of("/var/run/dfdaemon.sock");

    private static final String PEERS = "\"peers\":[{";
    private static final String SOCKET = "\"socket\":\"";

    private FindDaemon() {}

    /**
     * Sockets to try, first one first; never empty.
     *
     * @param named what the user said; empty when nothing
     * @throws ToolException if the environment names a cluster that is none
     */
    static List<Path> sockets(String named) {
        if (!named.isEmpty()) {
            return List.of(Path.of(named));
        }
        String cluster = System.getenv("DARTER_CLUSTER");
        if (cluster != null && !cluster.isEmpty()) {
            return List.of(firstSocket(Path.of(cluster))
                    .orElseThrow(() -> new ToolException(
                            "DARTER_CLUSTER: " + cluster + " (expected: the cluster.json of a running darter up)")));
        }
        Path standard = Path.of(System.getProperty("user.home"), ".darter", "up", "cluster.json");
        // Left behind by a cluster that was killed, it names a socket where nobody listens.
        return firstSocket(standard)
                .filter(Files::exists)
                .map(socket -> List.of(socket, NODE))
                .orElse(List.of(NODE));
    }

    /**
     * The socket of the first peer. Looked for in the text: neither is there a JSON library on the tools' class path, nor would there be
     * time to load one.
     */
    static Optional<Path> firstSocket(Path file) {
        String text;
        try {
            text = withoutSpaces(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
        int object = text.indexOf(PEERS);
        int end = object < 0 ? -1 : text.indexOf('}', object);
        int value = object < 0 ? -1 : text.indexOf(SOCKET, object);
        if (value < 0 || value > end) {
            return Optional.empty();
        }
        var socket = new StringBuilder();
        for (int i = value + SOCKET.length(); i < text.length() && text.charAt(i) != '"'; i++) {
            i += text.charAt(i) == '\\' ? 1 : 0; // what is escaped stands for itself
            socket.append(text.charAt(i));
        }
        return Optional.of(Path.of(socket.toString()));
    }

    /** JSON as we write it, whoever has laid it out since. */
    private static String withoutSpaces(String json) {
        var text = new StringBuilder(json.length());
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == '\\' && i + 1 < json.length()) {
                text.append(c).append(json.charAt(++i));
                continue;
            }
            quoted ^= c == '"';
            if (quoted || !Character.isWhitespace(c)) {
                text.append(c);
            }
        }
        return text.toString();
    }
}
