package dev.darter.wire.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC listeners of one process. Services, health and reflection are shared by all of them unless a listener names its own services.
 * Limits are those that v2.1.28's servers have, so that its clients never meet stricter ones.
 */
public final class GrpcServer implements AutoCloseable {
    private static final int REQUESTS_PER_SECOND = 20_000;
    private static final int REQUEST_BURST = 30_000;
    private static final int RECEIVE_LIMIT = 4 << 20;
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);

    /** Where to listen, and what is offered there. */
    public sealed interface Listener {
        List<BindableService> services();

        /**
         * A TCP port.
         *
         * @param lastPort the next port is tried while one is in use, up to this one
         */
        record Tcp(String address, int firstPort, int lastPort, List<BindableService> services) implements Listener {
            public Tcp {
                services = List.copyOf(services);
            }
        }

        /** A unix socket; what lies at the path from an earlier process is removed. */
        record Unix(Path path, List<BindableService> services) implements Listener {
            public Unix {
                services = List.copyOf(services);
            }
        }
    }

    private final HealthStatusManager health = new HealthStatusManager();
    private final List<Server> servers = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private OptionalInt tcpPort = OptionalInt.empty();

    private GrpcServer() {}

    /**
     * Opens all listeners.
     *
     * @param serving what health checks are told until {@link #setServing} says otherwise
     * @throws IOException naming the address that cannot be listened on
     */
    public static GrpcServer start(RpcRuntime runtime, List<? extends Listener> listeners, boolean serving)
            throws IOException {
        var server = new GrpcServer();
        server.setServing(serving);
        try {
            for (Listener listener : listeners) {
                switch (listener) {
                    case Listener.Tcp tcp -> server.listen(runtime, tcp);
                    case Listener.Unix unix -> server.listen(runtime, unix);
                }
            }
        } catch (IOException | RuntimeException e) {
            server.close(Duration.ZERO);
            throw e;
        }
        return server;
    }

    /** What health checks of the unnamed service are told from now on. */
    public void setServing(boolean serving) {
        setServing("", serving);
    }

    /** Likewise for a named part of the server; upstream's servers know only the unnamed one. */
    public void setServing(String service, boolean serving) {
        health.setStatus(service, serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** The TCP port really bound, the first one if there are several. */
    public int port() {
        return tcpPort.orElseThrow(() -> new IllegalStateException("no TCP listener"));
    }

    /** Says NOT_SERVING, takes no new call, lets running ones end for as long as {@code patience}, then cuts them off. */
    public void close(Duration patience) {
        setServing(false);
        servers.forEach(Server::shutdown);
        long deadline = System.nanoTime() + patience.toNanos();
        for (Server server : servers) {
            try {
                if (!server.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                server.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        sockets.forEach(GrpcServer::deleteQuietly);
    }

    @Override
    public void close() {
        close(DEFAULT_DRAIN);
    }

    private void listen(RpcRuntime runtime, Listener.Tcp tcp) throws IOException {
        for (int port = tcp.firstPort(); ; port++) {
            var address = new InetSocketAddress(tcp.address(), port);
            try {
                Server server = open(runtime, address, EpollServerSocketChannel.class, tcp.services());
                if (tcpPort.isEmpty()) {
                    tcpPort = OptionalInt.of(server.getPort());
                }
                return;
            } catch (IOException e) {
                if (!isInUse(e)) {
                    throw new IOException("listen on " + tcp.address() + ":" + port + ": " + reason(e), e);
                }
                if (port >= tcp.lastPort()) {
                    throw new BindException("listen on " + tcp.address() + ":" + port
                            + ": the port is in use (expected: a free port"
                            + (tcp.lastPort() > tcp.firstPort() ? " in " + tcp.firstPort() + ".." + tcp.lastPort() : "")
                            + ")");
                }
            }
        }
    }

    private void listen(RpcRuntime runtime, Listener.Unix unix) throws IOException {
        Path path = unix.path().toAbsolutePath();
        if (path.getParent() != null) {
            Files.createDirectories(path.getParent());
        }
        Files.deleteIfExists(path);
        try {
            open(
                    runtime,
                    new DomainSocketAddress(path.toFile()),
                    EpollServerDomainSocketChannel.class,
                    unix.services());
        } catch (IOException e) {
            throw new IOException("listen on " + path + ": " + reason(e), e);
        }
        sockets.add(path);
    }

    private Server open(
            RpcRuntime runtime,
            SocketAddress address,
            Class<? extends ServerChannel> channel,
            List<BindableService> services)
            throws IOException {
        var builder = NettyServerBuilder.forAddress(
                        address, InternalNettyServerCredentials.create(new PeerCredentialsNegotiator()))
                .channelType(channel)
                .bossEventLoopGroup(runtime.eventLoops())
                .workerEventLoopGroup(runtime.eventLoops())
                .withOption(ChannelOption.ALLOCATOR, runtime.allocator())
                .withChildOption(ChannelOption.ALLOCATOR, runtime.allocator())
                .executor(runtime.handlers())
                .maxInboundMessageSize(RECEIVE_LIMIT)
                .maxConnectionIdle(10, TimeUnit.MINUTES)
                .maxConnectionAge(12, TimeUnit.HOURS)
                .maxConnectionAgeGrace(5, TimeUnit.MINUTES)
                .permitKeepAliveTime(1, TimeUnit.MINUTES)
                .permitKeepAliveWithoutCalls(true);
        if (address instanceof DomainSocketAddress) {
            builder.withChildOption(ChannelOption.SO_KEEPALIVE, null); // gRPC sets it, and Netty warns: there is none
        }
        services.forEach(builder::addService);
        ServerServiceDefinition healthService = health.getHealthService().bindService();
        builder.addService(healthService)
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(firstReflection());
        var guards = ServerGuards.outermostFirst(new RequestRate(REQUESTS_PER_SECOND, REQUEST_BURST, System::nanoTime));
        guards.reversed().forEach(builder::intercept); // the one added last is called first
        builder.intercept(
                CallCounters.server(runtime.served())); // the very last: it counts what the guards refuse, too
        Server server = builder.build().start();
        server.getServices().stream()
                .flatMap(service -> service.getMethods().stream())
                .forEach(method -> CallCounters.know(runtime.served(), method.getMethodDescriptor()));
        servers.add(server);
        return server;
    }

    /** Reflection under the name that older tools know, as upstream's servers have it. */
    @SuppressWarnings("deprecation") // the name is deprecated, its users are not gone
    private static BindableService firstReflection() {
        return ProtoReflectionService.newInstance();
    }

    private static boolean isInUse(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    || String.valueOf(cause.getMessage()).contains("Address already in use")) {
                return String.valueOf(cause.getMessage()).contains("in use");
            }
        }
        return false;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + path, e);
        }
    }
}
