package dev.darter.app.up;

import dev.darter.app.config.ManagerSettings;
import dev.darter.app.config.PeerSettings;
import dev.darter.app.config.SchedulerSettings;
import dev.darter.app.serve.Running;
import dev.darter.peer.PeerDaemon;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** All parts in this process, over one set of event loops. They still talk over sockets, as they would anywhere. */
final class InProcess implements Parts {
    private final RpcRuntime runtime = new RpcRuntime();
    private final InstantSource clock = InstantSource.system();
    private final List<Running> running = new ArrayList<>();

    @Override
    public void startManager(Path config) throws IOException, InterruptedException {
        add(Running.manager(ManagerSettings.load(config, true).config(), clock, runtime));
    }

    @Override
    public void startScheduler(Path config) throws IOException {
        add(Running.scheduler(SchedulerSettings.load(config, true).config(), clock, runtime));
    }

    @Override
    public void startDaemon(String name, Path config) throws IOException {
        add(Running.daemon(PeerSettings.load(config, true).config(), clock, runtime));
    }

    @Override
    public void check() {
        // a part that cannot go on ends the process
    }

    private synchronized void add(Running part) {
        running.add(part);
    }

    @Override
    public long of(String name) {
        return ProcessHandle.current().pid();
    }

    @Override
    public void close() {
        // Daemons side by side: each may take a while to end what it does.
        List<Running> parts;
        synchronized (this) {
            parts = List.copyOf(running);
            running.clear();
        }
        closeAll(parts.stream().filter(InProcess::isDaemon).toList());
        parts.reversed().stream().filter(part -> !isDaemon(part)).forEach(Running::close);
        runtime.close();
    }

    private static boolean isDaemon(Running part) {
        return part.service() instanceof PeerDaemon;
    }

    private static void closeAll(List<Running> parts) {
        var threads = parts.stream()
                .map(part -> Thread.ofVirtual().start(part::close))
                .toList();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
