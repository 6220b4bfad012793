package dev.darter.app.up;

import dev.darter.app.config.ManagerSettings;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.config.SchedulerSettings;
import dev.darter.manager.ManagerServer;
import dev.darter.peer.PeerDaemon;
import dev.darter.scheduler.SchedulerServer;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** All parts in this process, over one set of event loops. They still talk over sockets, as they would anywhere. */
final class InProcess implements Parts {
    private final RpcRuntime runtime = new RpcRuntime();
    private final InstantSource clock = InstantSource.system();
    private final List<AutoCloseable> running = new ArrayList<>();

    @Override
    public void startManager(Path config) throws IOException, InterruptedException {
        add(ManagerServer.start(
                ManagerSettings.load(config, true).config(), clock, runtime, new MetricRegistry(clock)));
    }

    @Override
    public void startScheduler(Path config) throws IOException {
        add(SchedulerServer.start(
                SchedulerSettings.load(config, true).config(), clock, runtime, new MetricRegistry(clock)));
    }

    @Override
    public void startDaemon(String name, Path config) throws IOException, InterruptedException {
        add(PeerDaemon.start(PeerSettings.load(config, true).config(), clock, runtime));
    }

    private synchronized void add(AutoCloseable part) {
        running.add(part);
    }

    @Override
    public long of(String name) {
        return ProcessHandle.current().pid();
    }

    @Override
    public void close() {
        // Daemons side by side: each may take a while to end what it does.
        List<AutoCloseable> parts;
        synchronized (this) {
            parts = List.copyOf(running);
            running.clear();
        }
        closeAll(parts.stream().filter(PeerDaemon.class::isInstance).toList());
        parts.reversed().stream().filter(part -> !(part instanceof PeerDaemon)).forEach(InProcess::closeOne);
        runtime.close();
    }

    private static void closeAll(List<AutoCloseable> parts) {
        var threads = parts.stream()
                .map(part -> Thread.ofVirtual().start(() -> closeOne(part)))
                .toList();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeOne(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(InProcess.class)
                    .atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("a part did not end in order");
        }
    }
}
