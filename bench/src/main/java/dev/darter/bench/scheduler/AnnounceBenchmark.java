package dev.darter.bench.scheduler;

import dev.darter.app.serve.Logs;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The scheduler's way from a message to its effect, without gRPC. Neither final nor package-private: JMH derives classes of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AnnounceBenchmark {
    private static final int STREAMS = 10_000;

    @Param({"1000", "100000"})
    public int peers;

    private @Nullable AnnounceWorld world;

    @Setup(Level.Trial)
    public void open() {
        Logs.off(); // a process of its own
        world = new AnnounceWorld(peers, STREAMS);
    }

    @TearDown(Level.Trial)
    public void close() {
        world().close();
    }

    @Benchmark
    public int registration() {
        return world().register();
    }

    @Benchmark
    public int download() {
        return world().download();
    }

    private AnnounceWorld world() {
        return Objects.requireNonNull(world, "world");
    }
}
