package dev.darter.bench.lab;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Takes away, in reverse order, what the lab made: at the end, and when it is interrupted. Whoever comes first does it; the other waits, so
 * that the process does not end half way.
 */
public final class Cleanup implements AutoCloseable {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final Thread hook = new Thread(this::closeAll, "cleanup");

    public Cleanup() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    public synchronized <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    private synchronized void closeAll() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                System.err.println("darter lab: something is left behind: " + e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closeAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends already, and the hook finds nothing to do.
        }
    }
}
