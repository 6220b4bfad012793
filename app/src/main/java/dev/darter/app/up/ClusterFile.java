package dev.darter.app.up;

import dev.darter.app.config.ConfigException;
import dev.darter.core.HostId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code cluster.json}: what runs where, for tools and scripts. Changed under a lock beside it, replaced whole. */
public final class ClusterFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ClusterFile() {}

    /** Process ids of parts by their names. */
    interface Pids {
        long of(String name);
    }

    /** @param joined peers that came by themselves, as the file shows them */
    static void write(Plan plan, Pids pids, List<Object> joined) throws IOException {
        var root = new LinkedHashMap<String, Object>();
        root.put("version", 1);
        var manager = new LinkedHashMap<String, Object>();
        manager.put("rest", "http://" + address(plan.manager().rest()));
        manager.put("grpc", address(plan.manager().grpc()));
        manager.put("pid", pids.of("manager"));
        root.put("manager", manager);
        var scheduler = new LinkedHashMap<String, Object>();
        scheduler.put("name", "scheduler-1");
        scheduler.put("grpc", address(plan.scheduler().grpc()));
        scheduler.put("metrics", address(plan.scheduler().metrics()));
        scheduler.put("pid", pids.of("scheduler-1"));
        root.put("schedulers", List.of(scheduler));
        root.put(
                "seeds",
                plan.seeds().stream()
                        .map(part -> describe(part, pids.of(part.name())))
                        .toList());
        var peers = new ArrayList<Object>();
        plan.peers().forEach(part -> peers.add(describe(part, pids.of(part.name()))));
        peers.addAll(joined);
        root.put("peers", peers);
        replace(plan.clusterFile(), root);
    }

    /**
     * Removes what a cluster that was killed left behind.
     *
     * @return peers that had joined it and still run
     */
    static List<Object> takeLeftover(Plan plan) throws IOException {
        if (!Files.exists(plan.clusterFile())) {
            return List.of();
        }
        var own = plan.peers().stream().map(Plan.PeerPart::name).collect(Collectors.toSet());
        var joined = new ArrayList<Object>();
        try {
            for (JsonNode peer : read(plan.clusterFile()).path("peers")) {
                if (!own.contains(peer.path("name").asString("")) && isAlive(peer)) {
                    joined.add(peer);
                }
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(ClusterFile.class)
                    .atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("the last cluster's file is of no use; it is written anew");
        }
        Files.delete(plan.clusterFile());
        return joined;
    }

    /** Whether the process of a peer runs. */
    static boolean isAlive(JsonNode peer) {
        return ProcessHandle.of(peer.path("pid").asLong(-1)).isPresent();
    }

    /** One daemon as the file shows it. */
    static Map<String, Object> describe(Plan.PeerPart part, long pid) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", part.name());
        json.put("hostId", HostId.of(Plan.IP, part.name()).value());
        json.put("grpc", address(part.ports().grpc()));
        json.put("proxy", "http://" + address(part.ports().proxy()));
        json.put("upload", address(part.ports().upload()));
        json.put("health", address(part.ports().health()));
        json.put("metrics", address(part.ports().metrics()));
        json.put("socket", part.socket().toString());
        json.put("dataDir", part.dataDir().toString());
        json.put("config", part.config().toString());
        json.put("pid", pid);
        return json;
    }

    /** Where a daemon listens, read from the file. */
    static Plan.Ports ports(JsonNode peer) {
        return new Plan.Ports(
                port(peer.path("grpc").asString("")),
                port(peer.path("proxy").asString("")),
                port(peer.path("upload").asString("")),
                port(peer.path("health").asString("")),
                port(peer.path("metrics").asString("")));
    }

    /** @throws ConfigException if there is none: the file is none of ours */
    static int port(String address) {
        try {
            return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        } catch (NumberFormatException e) {
            throw new ConfigException("cluster.json: " + address + " (expected: an address with a port)");
        }
    }

    /** What a change makes of the list of peers. */
    interface Change {
        List<Object> apply(JsonNode root) throws IOException;
    }

    /** Changes the peers while nobody else does. */
    static void changePeers(Path file, Change change) throws IOException {
        var _ = read(file); // before a lock file is made beside something else
        try (FileChannel lock = FileChannel.open(
                        file.resolveSibling("cluster.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = lock.lock()) {
            JsonNode root = read(file);
            List<Object> peers = change.apply(root);
            var changed = new LinkedHashMap<String, Object>();
            root.properties().forEach(field -> changed.put(field.getKey(), field.getValue()));
            changed.put("peers", peers);
            replace(file, changed);
        }
    }

    /** @throws IOException if there is no such file or it is not one of ours */
    static JsonNode read(Path file) throws IOException {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.isObject() || !root.path("version").isInt()) {
                throw new IOException(file + ": not a cluster file (expected: one that darter up wrote)");
            }
            return root;
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file (expected: the cluster.json of a running darter up)", e);
        } catch (JacksonException e) {
            throw new IOException(file + ": not a cluster file (expected: one that darter up wrote)", e);
        }
    }

    /** The socket of the first peer, if the file is there and names one. */
    public static Optional<Path> firstSocket(Path file) {
        try {
            String socket = read(file).path("peers").path(0).path("socket").asString("");
            return socket.isEmpty() ? Optional.empty() : Optional.of(Path.of(socket));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String address(int port) {
        return Plan.IP + ":" + port;
    }

    private static void replace(Path file, Map<String, Object> root) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, JSON.writeValueAsString(root) + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
