package dev.darter.app.up;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which parts a cluster on this machine has, and where each listens. Immutable.
 *
 * @param directory everything of the cluster lies in it
 */
record Plan(Path directory, ManagerPart manager, SchedulerPart scheduler, List<PeerPart> seeds, List<PeerPart> peers) {
    static final String IP = "127.0.0.1";
    private static final int BLOCK = 10;

    record ManagerPart(int rest, int grpc) {}

    record SchedulerPart(int grpc, int metrics) {}

    /** A seed peer or peer; its files lie in a directory named after it. */
    record PeerPart(String name, Path directory, boolean seed, Ports ports) {
        Path socket() {
            return directory.resolve("dfdaemon.sock");
        }

        Path dataDir() {
            return directory.resolve("data");
        }

        Path config() {
            return directory.resolve("dfget.yaml");
        }
    }

    record Ports(int grpc, int proxy, int upload, int health, int metrics) {
        static Ports from(int first) {
            return new Ports(first, first + 1, first + 2, first + 3, first + 4);
        }

        List<Integer> all() {
            return List.of(grpc, proxy, upload, health, metrics);
        }
    }

    Plan {
        seeds = List.copyOf(seeds);
        peers = List.copyOf(peers);
    }

    Path managerConfig() {
        return directory.resolve("manager").resolve("manager.yaml");
    }

    Path schedulerConfig() {
        return directory.resolve("scheduler").resolve("scheduler.yaml");
    }

    Path clusterFile() {
        return directory.resolve("cluster.json");
    }

    /** @param portBase 0 for upstream's ports */
    static Plan of(Path directory, int peers, int portBase) {
        boolean own = portBase > 0;
        var parts = new ArrayList<PeerPart>();
        for (int i = 1; i <= peers; i++) {
            parts.add(peer(directory, "peer-" + i, peerPorts(i, portBase)));
        }
        Ports seed = own ? Ports.from(portBase + BLOCK) : new Ports(65006, 65007, 65008, 40902, 8003);
        return new Plan(
                directory,
                own ? new ManagerPart(portBase, portBase + 1) : new ManagerPart(8080, 65003),
                own ? new SchedulerPart(portBase + 2, portBase + 3) : new SchedulerPart(8002, 8001),
                List.of(new PeerPart("seed-1", directory.resolve("seed-1"), true, seed)),
                parts);
    }

    static PeerPart peer(Path directory, String name, Ports ports) {
        return new PeerPart(name, directory.resolve(name), false, ports);
    }

    /** @param number from 1 */
    static Ports peerPorts(int number, int portBase) {
        if (portBase > 0) {
            return Ports.from(portBase + 2 * BLOCK + BLOCK * (number - 1));
        }
        return number == 1 ? new Ports(65000, 65001, 65002, 40901, 8000) : Ports.from(65100 + BLOCK * (number - 2));
    }

    /** Whether somebody could listen there now. */
    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Seeds first, since nothing is fetched before they are there. */
    List<PeerPart> daemons() {
        var all = new ArrayList<>(seeds);
        all.addAll(peers);
        return all;
    }
}
