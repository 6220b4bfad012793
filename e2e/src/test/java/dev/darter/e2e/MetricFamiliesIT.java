package dev.darter.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.NetAddress;
import dev.darter.manager.ManagerConfig;
import dev.darter.manager.ManagerServer;
import dev.darter.manager.database.DatabaseConfig;
import dev.darter.peer.PeerConfig;
import dev.darter.peer.PeerDaemon;
import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.scheduler.SchedulerConfig;
import dev.darter.scheduler.SchedulerServer;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.ProcessMetrics;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every metric family that v2.1.28's programs show, recorded from them, is shown by ours: names, types, labels. */
final class MetricFamiliesIT {
    private final InstantSource clock = InstantSource.system();
    private final MetricRegistry registry = new MetricRegistry(clock);

    @TempDir
    private Path directory;

    @Test
    void managerShowsWhatUpstreamsDoes() throws Exception {
        var config = new ManagerConfig(
                new ManagerConfig.Grpc("127.0.0.1", 0, 0),
                new ManagerConfig.Rest("127.0.0.1", 0),
                new ManagerConfig.Jwt("Dragonfly", "key", Duration.ofHours(1), Duration.ofHours(1)),
                new DatabaseConfig.Embedded(directory.resolve("h2")),
                "password",
                false,
                Optional.empty());
        try (var runtime = new RpcRuntime();
                var _ = ManagerServer.start(config, clock, runtime, registry)) {
            registry.include(runtime.metrics());
            ProcessMetrics.register(registry);

            assertThat(registry.describe()).containsAll(recorded("manager.txt"));
        }
    }

    @Test
    void schedulerShowsWhatUpstreamsDoes() throws Exception {
        var server = new SchedulerConfig.Server("127.0.0.1", 0, "127.0.0.1", 8002, "s1");
        var config =
                SchedulerConfig.of(server, Optional.empty(), directory.resolve("cache"), directory.resolve("data"));
        try (var runtime = new RpcRuntime();
                var _ = SchedulerServer.start(config, clock, runtime, registry)) {
            registry.include(runtime.metrics());
            ProcessMetrics.register(registry);

            assertThat(registry.describe()).containsAll(recorded("scheduler.txt"));
        }
    }

    @Test
    void daemonShowsWhatUpstreamsDoes() throws Exception {
        var schedulers = dev.darter.peer.scheduler.SchedulerConfig.at(List.of(new NetAddress("127.0.0.1", 1)));
        var anyPort = PeerConfig.Listen.on(0).at("127.0.0.1");
        var config = PeerConfig.builder(schedulers)
                .host(new HostConfig(Optional.of("p1"), Optional.of("127.0.0.1"), "", ""))
                .downloadSocket(directory.resolve("d.sock"))
                .peerGrpc(anyPort)
                .upload(new PeerConfig.Upload(anyPort, 1L << 30))
                .health(new PeerConfig.Health(anyPort, "/server/ping"))
                .storage(StorageConfig.in(directory.resolve("data")))
                .cacheDir(directory.resolve("cache"))
                .build();
        ProcessMetrics.register(registry);
        try (var runtime = new RpcRuntime();
                var _ = PeerDaemon.start(config, clock, runtime, registry)) {
            assertThat(registry.describe()).containsAll(recorded("peer.txt")).containsAll(recorded("seed-peer.txt"));
        }
    }

    private static List<String> recorded(String file) throws IOException {
        try (InputStream stream =
                Objects.requireNonNull(MetricFamiliesIT.class.getResourceAsStream("/golden/metrics/" + file), file)) {
            return new String(stream.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
