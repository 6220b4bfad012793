package dev.darter.app.up;

import dev.darter.app.config.ConfigException;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.serve.Service;
import dev.darter.app.serve.StopSignal;
import dev.darter.wire.client.HealthCheck;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * One more peer for a cluster that runs on this machine. Its entry in {@code cluster.json} is what reserves its ports: it is made before
 * the peer starts and taken away at a clean stop. A peer that was killed finds its ports and files again by its name.
 */
public final class Join {
    /** A host name's first label; it becomes a directory's name too. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Directories of a cluster that are no peer's. */
    private static final Set<String> RESERVED = Set.of("manager", "scheduler", "log");

    private static final int MOST_BLOCKS = 1000;
    private static final long BETWEEN_LOOKS_MILLIS = 50;

    private Join() {}

    /** Runs until it is told to stop; the exit code. */
    public static int run(Path file, String name, Service.Flags flags) {
        StopSignal stop = StopSignal.install();
        Path clusterFile = file.toAbsolutePath().normalize();
        try {
            checkName(name);
            Plan.PeerPart part = enter(clusterFile, name);
            return Service.run(
                    Service.Kind.DAEMON,
                    part.config(),
                    flags,
                    stop,
                    () -> tellWhenReady(part, clusterFile, stop),
                    () -> leave(clusterFile, name));
        } catch (ConfigException | IOException e) {
            System.err.println("darter daemon: " + e.getMessage());
            return stop.ended(1);
        }
    }

    /** A daemon is of use once it knows a scheduler. */
    private static void tellWhenReady(Plan.PeerPart part, Path clusterFile, StopSignal stop)
            throws InterruptedException {
        try (var runtime = new RpcRuntime()) {
            while (!HealthCheck.isServing(runtime, Plan.IP, part.ports().grpc())) {
                if (stop.await(BETWEEN_LOOKS_MILLIS)) {
                    return;
                }
            }
        }
        System.out.println(part.name() + " has joined " + clusterFile + "\n  socket  " + part.socket() + "\nready");
    }

    static void checkName(String name) {
        if (!NAME.matcher(name).matches() || RESERVED.contains(name) || name.startsWith("seed-")) {
            throw new ConfigException("--name: " + name
                    + " (expected: lowercase letters, digits and dashes, such as peer-6, and no part's name)");
        }
    }

    static Plan.PeerPart enter(Path clusterFile, String name) throws IOException {
        var entered = new ArrayList<Plan.PeerPart>();
        ClusterFile.changePeers(clusterFile, root -> {
            Path directory = clusterFile.resolveSibling("");
            var others = new ArrayList<Object>();
            var taken = new HashSet<Integer>();
            Optional<Plan.Ports> old = Optional.empty();
            for (JsonNode peer : root.path("peers")) {
                boolean same = peer.path("name").asString("").equals(name);
                if (same && ClusterFile.isAlive(peer)) {
                    throw new ConfigException("--name: " + name + ": runs already, with pid "
                            + peer.path("pid").asLong() + " (expected: another name)");
                }
                if (same) {
                    old = Optional.of(ClusterFile.ports(peer));
                } else {
                    others.add(peer);
                    taken.addAll(ClusterFile.ports(peer).all());
                }
            }
            Path config = directory.resolve(name).resolve("dfget.yaml");
            Plan.Ports ports = old.or(() -> earlier(config))
                    .filter(block -> isFree(block, taken))
                    .orElseGet(() -> nextFree(root, taken));
            var part = Plan.peer(directory, name, ports);
            int managerPort = ClusterFile.port(root.path("manager").path("grpc").asString(""));
            PartFiles.writeDaemon(part, managerPort);
            entered.add(part);
            others.add(ClusterFile.describe(part, ProcessHandle.current().pid()));
            return others;
        });
        return entered.getFirst();
    }

    static void leave(Path clusterFile, String name) throws IOException {
        if (!Files.exists(clusterFile)) {
            return; // the cluster ended first and took its file along
        }
        long self = ProcessHandle.current().pid();
        ClusterFile.changePeers(clusterFile, root -> {
            List<Object> others = new ArrayList<>();
            for (JsonNode peer : root.path("peers")) {
                boolean own = peer.path("name").asString("").equals(name)
                        && peer.path("pid").asLong() == self;
                if (!own) {
                    others.add(peer);
                }
            }
            return others;
        });
    }

    /** The block of an earlier run whose entry is gone. */
    private static Optional<Plan.Ports> earlier(Path config) {
        if (!Files.exists(config)) {
            return Optional.empty();
        }
        try {
            var peer = PeerSettings.load(config, false).config();
            int grpc = peer.peerGrpc().firstPort();
            int upload = peer.upload().listen().firstPort();
            int health = peer.health().listen().firstPort();
            int metrics = peer.metrics().map(listen -> listen.firstPort()).orElse(grpc + 4);
            return Optional.of(new Plan.Ports(grpc, grpc + 1, upload, health, metrics));
        } catch (ConfigException e) {
            return Optional.empty(); // somebody changed it beyond use; it is written anew
        }
    }

    private static Plan.Ports nextFree(JsonNode root, Set<Integer> taken) {
        int rest = ClusterFile.port(root.path("manager").path("rest").asString(""));
        int grpc = ClusterFile.port(root.path("manager").path("grpc").asString(""));
        int portBase = grpc == rest + 1 ? rest : 0;
        for (int number = 2; number < MOST_BLOCKS; number++) {
            Plan.Ports block = Plan.peerPorts(number, portBase);
            if (block.metrics() > 65535) {
                break;
            }
            if (isFree(block, taken)) {
                return block;
            }
        }
        throw new ConfigException("ports: none are left for another peer (expected: fewer peers)");
    }

    private static boolean isFree(Plan.Ports block, Set<Integer> taken) {
        return block.all().stream().noneMatch(taken::contains)
                && block.all().stream().allMatch(Plan::isFree);
    }
}
