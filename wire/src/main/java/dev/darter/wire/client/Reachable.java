package dev.darter.wire.client;

import dev.darter.wire.ring.HashRing;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The servers of a list that answer a health check, on a ring, with one channel each. Channels outlive a change of the list as long as
 * their server is in it. Any thread may call it; {@link #update} blocks for the health checks.
 */
final class Reachable implements AutoCloseable {
    /** A server that answered; {@code member} is its name on the ring. */
    record Server(String member, ServerAddress address, ManagedChannel channel) {}

    private record Members(HashRing ring, Map<String, Server> servers) {}

    private final RpcRuntime runtime;
    private final boolean firstClusterOnly;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private volatile Members members = new Members(new HashRing(List.of()), Map.of());

    /** @param firstClusterOnly whether servers of another cluster than the first reachable one are left out */
    Reachable(RpcRuntime runtime, boolean firstClusterOnly) {
        this.runtime = runtime;
        this.firstClusterOnly = firstClusterOnly;
    }

    /**
     * Checks every address and takes those that answer. If none does, the members stay as they are: a server that is being restarted
     * is tried again by whoever calls it.
     *
     * @return whether any answered
     */
    synchronized boolean update(List<ServerAddress> addresses) {
        var checks = new ArrayList<Thread>();
        var answers = new ConcurrentHashMap<ServerAddress, Server>();
        for (ServerAddress address : addresses) {
            checks.add(Thread.ofVirtual()
                    .name("health-check")
                    .start(() -> check(address).ifPresent(server -> answers.put(address, server))));
        }
        try {
            for (Thread check : checks) {
                check.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        var servers = new LinkedHashMap<String, Server>();
        long cluster = -1;
        for (ServerAddress address : addresses) {
            Server server = answers.get(address);
            if (server == null || (firstClusterOnly && cluster >= 0 && address.clusterId() != cluster)) {
                continue;
            }
            cluster = address.clusterId();
            servers.putIfAbsent(server.member, server);
        }
        if (servers.isEmpty()) {
            return false;
        }
        members = new Members(new HashRing(servers.keySet()), Map.copyOf(servers));
        channels.forEach((member, channel) -> {
            if (!servers.containsKey(member) && channels.remove(member, channel)) {
                channel.shutdown();
            }
        });
        return true;
    }

    boolean isEmpty() {
        return members.servers.isEmpty();
    }

    /** Every server, in the order in which they are to be asked for {@code key}. */
    List<Server> inOrder(String key) {
        Members now = members;
        return now.ring.owners(key).stream().map(now.servers::get).toList();
    }

    List<Server> all() {
        return List.copyOf(members.servers.values());
    }

    private Optional<Server> check(ServerAddress address) {
        for (String host : address.hostname().isEmpty() || address.hostname().equals(address.ip())
                ? List.of(address.ip())
                : List.of(address.ip(), address.hostname())) {
            if (host.isEmpty()) {
                continue;
            }
            String member = HashRing.member(host, address.port());
            ManagedChannel channel = channels.computeIfAbsent(member, _ -> Channels.tcp(runtime, host, address.port()));
            if (HealthCheck.isServing(channel, "")) {
                return Optional.of(new Server(member, address, channel));
            }
            if (!members.servers.containsKey(member) && channels.remove(member, channel)) {
                channel.shutdownNow();
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
