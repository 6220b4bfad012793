package dev.darter.peer.neighbour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.NetAddress;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcRuntime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * One connection to each parent's gRPC, shared by all downloads and kept for a while: small tasks would spend their time on
 * connecting. Any thread may call it.
 */
public final class ParentChannels implements AutoCloseable {
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

    private final RpcRuntime runtime;

    @GuardedBy("this")
    private final Map<NetAddress, Shared> channels = new HashMap<>();

    private static final class Shared {
        private final DaemonClient client;
        private int users;
        private long unusedSince;

        Shared(DaemonClient client) {
            this.client = client;
        }
    }

    public ParentChannels(RpcRuntime runtime) {
        this.runtime = runtime;
    }

    /** The connection to a parent; give it back with {@link #release}. */
    public synchronized DaemonClient acquire(NetAddress parent) {
        closeUnused();
        Shared shared = channels.computeIfAbsent(
                parent, _ -> new Shared(DaemonClient.tcp(runtime, parent.host(), parent.port())));
        shared.users++;
        return shared.client;
    }

    public synchronized void release(NetAddress parent) {
        Shared shared = channels.get(parent);
        if (shared != null) {
            shared.users--;
            shared.unusedSince = System.nanoTime();
        }
    }

    @Override
    public synchronized void close() {
        channels.values().forEach(shared -> shared.client.close());
        channels.clear();
    }

    @GuardedBy("this")
    private void closeUnused() {
        long now = System.nanoTime();
        channels.values().removeIf(shared -> {
            boolean idle = shared.users == 0 && now - shared.unusedSince > KEPT_NANOS;
            if (idle) {
                shared.client.close();
            }
            return idle;
        });
    }
}
