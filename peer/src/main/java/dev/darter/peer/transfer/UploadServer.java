package dev.darter.peer.transfer;

import dev.darter.peer.storage.Storage;
import dev.darter.wire.metrics.HttpMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Hands out pieces over HTTP/1.1 by sendfile. It has event loops of its own, since sendfile of a cold page blocks the thread that
 * calls it.
 */
public final class UploadServer implements AutoCloseable {
    private static final int EVENT_LOOPS = 2;
    private static final int IDLE_SECONDS = 90;
    private static final int MAX_LINE = 8 << 10;
    private static final int LONGEST_LINE = 1024;
    private static final int UNSENT_BYTES = 128 << 10;
    private static final int LOW_WATER = 64 << 10;
    private static final int HIGH_WATER = 256 << 10;

    private final EventLoopGroup eventLoops;
    private final Channel listener;
    private final LongAdder uploaded;

    private UploadServer(EventLoopGroup eventLoops, Channel listener, LongAdder uploaded) {
        this.eventLoops = eventLoops;
        this.listener = listener;
        this.uploaded = uploaded;
    }

    /**
     * Where to listen and how fast to hand out.
     *
     * @param lastPort the next port is tried while one is in use, up to this one
     * @param maxOpenTransfers more than these wait for their turn
     * @param maxOpenBlocks the same for Darter peers, which want few things quickly rather than many slowly: a block can be passed on
     *     only when all of it is there
     * @param longestBlockQueue so many of these wait, the next one is told that this host is busy
     * @param maxOpenFirstCopies blocks at a time that are handed out to whoever comes next
     */
    public record Config(
            String address,
            int firstPort,
            int lastPort,
            double bytesPerSecond,
            int maxOpenTransfers,
            int maxOpenBlocks,
            int longestBlockQueue,
            int maxOpenFirstCopies) {}

    /**
     * Starts to listen.
     *
     * @param handOut what children get that take anything
     * @param counts what is answered
     * @param metrics text for {@code GET /metrics}
     * @throws IOException naming the address that cannot be listened on
     */
    public static UploadServer start(
            Config config, Storage storage, HandOut handOut, HttpMetrics counts, Supplier<String> metrics)
            throws IOException {
        var eventLoops = new MultiThreadIoEventLoopGroup(
                EVENT_LOOPS, new DefaultThreadFactory("upload", true), EpollIoHandler.newFactory());
        var uploaded = new LongAdder();
        var limiter = RateLimiter.of(config.bytesPerSecond());
        var transfers = new OpenTransfers(config.maxOpenTransfers(), Integer.MAX_VALUE);
        var blockTransfers = new OpenTransfers(config.maxOpenBlocks(), config.longestBlockQueue());
        // Who waits for a first copy would only ask again.
        var firstCopies = new OpenTransfers(config.maxOpenFirstCopies(), LONGEST_LINE);
        var bootstrap = new ServerBootstrap()
                .group(eventLoops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // A transfer is over when its bytes are on their way, not when a large kernel buffer has taken them.
                .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) UNSENT_BYTES)
                .childOption(ChannelOption.AUTO_READ, false) // one request at a time on each connection
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                                .addLast(new HttpRequestDecoder(MAX_LINE, MAX_LINE, MAX_LINE))
                                .addLast(new HttpResponseEncoder())
                                .addLast(new UploadHandler(
                                        storage,
                                        limiter,
                                        handOut,
                                        transfers,
                                        blockTransfers,
                                        firstCopies,
                                        uploaded,
                                        counts,
                                        metrics));
                    }
                });
        try {
            return new UploadServer(eventLoops, bind(bootstrap, config), uploaded);
        } catch (IOException | RuntimeException e) {
            eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Bytes of pieces handed out since the start. */
    public long uploadedBytes() {
        return uploaded.sum();
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6, TimeUnit.SECONDS);
    }

    private static Channel bind(ServerBootstrap bootstrap, Config config) throws IOException {
        for (int port = config.firstPort(); ; port++) {
            var bound = bootstrap.bind(config.address(), port).awaitUninterruptibly();
            if (bound.isSuccess()) {
                return bound.channel();
            }
            String reason = String.valueOf(bound.cause().getMessage());
            if (!reason.contains("in use")) {
                throw new IOException("listen on " + config.address() + ":" + port + ": " + reason, bound.cause());
            }
            if (port >= config.lastPort()) {
                throw new BindException(
                        "listen on " + config.address() + ":" + port + ": the port is in use (expected: a free port)");
            }
        }
    }
}
