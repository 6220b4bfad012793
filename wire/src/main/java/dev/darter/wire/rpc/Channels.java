package dev.darter.wire.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Plain-text channels with the deadlines and retries that every unary call of the field has. */
public final class Channels {
    private static final Duration UNARY_DEADLINE = Duration.ofMinutes(2);
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** Three attempts in all, half a second apart, and only when the call was not taken. */
    private static final Map<String, ?> RETRY = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            3.0,
                            "initialBackoff",
                            "0.5s",
                            "maxBackoff",
                            "0.5s",
                            "backoffMultiplier",
                            1.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE", "RESOURCE_EXHAUSTED")))));

    private Channels() {}

    /** A channel to a TCP address; nothing is sent before the first call. Environment proxies are not used. */
    public static ManagedChannel tcp(RpcRuntime runtime, String host, int port) {
        return configure(runtime, NettyChannelBuilder.forAddress(host, port).channelType(EpollSocketChannel.class));
    }

    /** A channel to a daemon's unix socket. */
    public static ManagedChannel unix(RpcRuntime runtime, Path socket) {
        return configure(
                runtime,
                NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .channelType(EpollDomainSocketChannel.class)
                        .withOption(ChannelOption.SO_KEEPALIVE, null) // gRPC sets it, and Netty warns: there is none
                        .overrideAuthority("localhost"));
    }

    private static ManagedChannel configure(RpcRuntime runtime, NettyChannelBuilder builder) {
        return builder.eventLoopGroup(runtime.eventLoops())
                .withOption(ChannelOption.ALLOCATOR, runtime.allocator())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .executor(runtime.handlers())
                .proxyDetector(_ -> null)
                .usePlaintext()
                .userAgent("darter")
                .disableServiceConfigLookUp()
                .defaultServiceConfig(RETRY)
                .enableRetry()
                .intercept(CallCounters.client(runtime.called()), new UnaryDeadline())
                .build();
    }

    /** A unary call without a deadline of its own gets the field's; streams have none. */
    private static final class UnaryDeadline implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            boolean bounded = method.getType() != MethodDescriptor.MethodType.UNARY || options.getDeadline() != null;
            return next.newCall(
                    method,
                    bounded ? options : options.withDeadlineAfter(UNARY_DEADLINE.toSeconds(), TimeUnit.SECONDS));
        }
    }
}
