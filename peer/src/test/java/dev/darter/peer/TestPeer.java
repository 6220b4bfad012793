package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.NetAddress;
import dev.darter.peer.announce.HostConfig;
import dev.darter.peer.scheduler.SchedulerConfig;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.DownloadConfig;
import dev.darter.peer.task.Joined;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Daemons as tests need them: everything on loopback and on free ports, short clocks. */
public final class TestPeer {
    private TestPeer() {}

    public static PeerConfig.Builder config(String name, Path directory, NetAddress scheduler) {
        return config(
                name, directory, SchedulerConfig.at(List.of(scheduler)).withScheduleTimeout(Duration.ofSeconds(5)));
    }

    public static PeerConfig.Builder config(String name, Path directory, SchedulerConfig scheduler) {
        Path home = directory.resolve(name);
        return PeerConfig.builder(scheduler)
                .host(new HostConfig(Optional.of(name), Optional.of("127.0.0.1"), "area|zone", "idc-1"))
                .download(DownloadConfig.DEFAULT.withWatchdogTimeout(Duration.ofSeconds(2)))
                .downloadSocket(home.resolve("d.sock"))
                .peerGrpc(PeerConfig.Listen.on(0).at("127.0.0.1"))
                .upload(new PeerConfig.Upload(PeerConfig.Listen.on(0).at("127.0.0.1"), 1L << 30))
                .health(new PeerConfig.Health(PeerConfig.Listen.on(0).at("127.0.0.1"), "/server/ping"))
                .storage(StorageConfig.in(home.resolve("data")))
                .announceInterval(Duration.ofSeconds(5))
                .aliveTime(Duration.ZERO)
                .cacheDir(home.resolve("cache"));
    }

    public static PeerDaemon start(
            String name,
            Path directory,
            NetAddress scheduler,
            RpcRuntime runtime,
            UnaryOperator<PeerConfig.Builder> also)
            throws IOException {
        return PeerDaemon.start(
                also.apply(config(name, directory, scheduler)).build(), InstantSource.system(), runtime);
    }

    /** What a download brought, as a reader of its task or range sees it. */
    public static byte[] read(Joined joined) throws Exception {
        TaskContent content = joined.content();
        long start = joined.view().map(view -> view.start()).orElse(0L);
        long length = joined.view()
                .map(view -> view.length())
                .orElseGet(() -> content.length().orElseThrow());
        var bytes = ByteBuffer.allocate((int) length);
        try (ContentReader reader = content.read()) {
            while (bytes.hasRemaining()) {
                assertThat(reader.read(start + bytes.position(), bytes)).isPositive();
            }
        }
        return bytes.array();
    }
}
