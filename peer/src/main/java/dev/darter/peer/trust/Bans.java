package dev.darter.peer.trust;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.NetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hosts that were caught at a lie: for the life of this process nothing is taken from them, of whatever task. Named by where their gRPC listens,
 * which is what schedulers and neighbours name them by. The eldest goes when there are too many. Any thread may call it.
 */
public final class Bans {
    private static final int MOST = 4096;

    @GuardedBy("this")
    private final Map<NetAddress, String> banned = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<NetAddress, String> eldest) {
            return size() > MOST;
        }
    };

    public synchronized void add(NetAddress host, String reason) {
        banned.putIfAbsent(host, reason);
    }

    public synchronized boolean contains(NetAddress host) {
        return banned.containsKey(host);
    }

    public synchronized int size() {
        return banned.size();
    }
}
