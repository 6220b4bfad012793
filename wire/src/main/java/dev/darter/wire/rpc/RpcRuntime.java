package dev.darter.wire.rpc;

import dev.darter.wire.metrics.CallMetrics;
import dev.darter.wire.metrics.MetricRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The threads and buffers that all servers and channels of one process share: few event loops, handlers on virtual threads, one small
 * buffer arena. Any thread may use it; close it last.
 */
public final class RpcRuntime implements AutoCloseable {
    private static final int EVENT_LOOPS = 2;

    private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(
            EVENT_LOOPS, new DefaultThreadFactory("rpc", true), EpollIoHandler.newFactory());
    private final ExecutorService handlers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("rpc-handler-", 0).factory());

    /** Two small direct arenas and no thread caches: a daemon idles for most of its life. */
    private final ByteBufAllocator allocator = new PooledByteBufAllocator(true, 0, EVENT_LOOPS, 8192, 5, 0, 0, false);

    private final MetricRegistry metrics = new MetricRegistry(InstantSource.system());
    private final CallMetrics served = new CallMetrics(metrics, CallMetrics.Side.SERVER);
    private final CallMetrics called = new CallMetrics(metrics, CallMetrics.Side.CLIENT);

    /** Counts of all calls through this runtime, both served and made; to be included where a process shows its metrics. */
    public MetricRegistry metrics() {
        return metrics;
    }

    CallMetrics served() {
        return served;
    }

    CallMetrics called() {
        return called;
    }

    /**
     * One of the event loops, for what is short and never waits: a thread of its own for each small message would cost more than what is done
     * with it. Never runs anything in the caller's thread, unless that is the loop's.
     */
    public Executor eventLoop() {
        return eventLoops.next();
    }

    EventLoopGroup eventLoops() {
        return eventLoops;
    }

    ExecutorService handlers() {
        return handlers;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        handlers.close();
    }
}
