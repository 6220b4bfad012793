package dev.darter.app.serve;

import dev.darter.core.NetAddress;
import dev.darter.manager.ManagerConfig;
import dev.darter.manager.ManagerServer;
import dev.darter.peer.PeerConfig;
import dev.darter.peer.PeerDaemon;
import dev.darter.scheduler.SchedulerConfig;
import dev.darter.scheduler.SchedulerServer;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.ProcessMetrics;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * A service with its metrics listener.
 *
 * @param service what was started
 * @param metrics where its figures are read, if anywhere; a daemon keeps its own
 */
public record Running(AutoCloseable service, Optional<MetricsListener> metrics) implements AutoCloseable {
    public static Running manager(ManagerConfig config, InstantSource clock, RpcRuntime runtime)
            throws IOException, InterruptedException {
        MetricRegistry registry = registry(clock, runtime);
        var manager = ManagerServer.start(config, clock, runtime, registry);
        return with(manager, config.metrics(), registry);
    }

    public static Running scheduler(SchedulerConfig config, InstantSource clock, RpcRuntime runtime)
            throws IOException {
        MetricRegistry registry = registry(clock, runtime);
        var scheduler = SchedulerServer.start(config, clock, runtime, registry);
        scheduler.register(registry);
        return with(scheduler, config.metrics(), registry);
    }

    public static Running daemon(PeerConfig config, InstantSource clock, RpcRuntime runtime) throws IOException {
        return new Running(PeerDaemon.start(config, clock, runtime), Optional.empty());
    }

    /** Listens last: figures are of a service that runs. */
    private static Running with(AutoCloseable service, Optional<NetAddress> address, MetricRegistry registry)
            throws IOException {
        try {
            return new Running(
                    service,
                    address.isEmpty()
                            ? Optional.empty()
                            : Optional.of(MetricsListener.start(address.get(), registry::expose)));
        } catch (IOException e) {
            new Running(service, Optional.empty()).close();
            throw e;
        }
    }

    private static MetricRegistry registry(InstantSource clock, RpcRuntime runtime) {
        var registry = new MetricRegistry(clock);
        registry.include(runtime.metrics());
        ProcessMetrics.register(registry);
        return registry;
    }

    @Override
    public void close() {
        metrics.ifPresent(MetricsListener::close);
        try {
            service.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(Running.class)
                    .atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("a service did not end in order");
        }
    }
}
