package dev.darter.wire.rpc;

import dev.darter.wire.metrics.CallMetrics;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Locale;

/** Counts calls and messages on their way through a server or a channel. */
final class CallCounters {
    private CallCounters() {}

    static ServerInterceptor server(CallMetrics metrics) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var counted = of(metrics, call.getMethodDescriptor());
                counted.began();
                var counting = new SimpleForwardingServerCall<Q, A>(call) {
                    @Override
                    public void sendMessage(A message) {
                        super.sendMessage(message);
                        counted.sent();
                    }

                    @Override
                    public void close(Status status, Metadata trailers) {
                        super.close(status, trailers);
                        counted.ended(spelled(status.getCode()));
                    }
                };
                return new SimpleForwardingServerCallListener<>(next.startCall(counting, headers)) {
                    @Override
                    public void onMessage(Q message) {
                        counted.received();
                        super.onMessage(message);
                    }
                };
            }
        };
    }

    static ClientInterceptor client(CallMetrics metrics) {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                var counted = of(metrics, method);
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        counted.began();
                        super.start(
                                new SimpleForwardingClientCallListener<>(listener) {
                                    @Override
                                    public void onMessage(A message) {
                                        counted.received();
                                        super.onMessage(message);
                                    }

                                    @Override
                                    public void onClose(Status status, Metadata trailers) {
                                        counted.ended(spelled(status.getCode()));
                                        super.onClose(status, trailers);
                                    }
                                },
                                headers);
                    }

                    @Override
                    public void sendMessage(Q message) {
                        super.sendMessage(message);
                        counted.sent();
                    }
                };
            }
        };
    }

    /** Shows a method's counters before its first call. */
    static void know(CallMetrics metrics, MethodDescriptor<?, ?> method) {
        metrics.know(shape(method), service(method), name(method));
    }

    private static CallMetrics.Method of(CallMetrics metrics, MethodDescriptor<?, ?> method) {
        return metrics.of(shape(method), service(method), name(method));
    }

    private static CallMetrics.Shape shape(MethodDescriptor<?, ?> method) {
        return switch (method.getType()) {
            case UNARY -> CallMetrics.Shape.UNARY;
            case CLIENT_STREAMING -> CallMetrics.Shape.CLIENT_STREAM;
            case SERVER_STREAMING -> CallMetrics.Shape.SERVER_STREAM;
            case BIDI_STREAMING, UNKNOWN -> CallMetrics.Shape.BIDI_STREAM;
        };
    }

    private static String service(MethodDescriptor<?, ?> method) {
        return String.valueOf(method.getServiceName());
    }

    private static String name(MethodDescriptor<?, ?> method) {
        return String.valueOf(method.getBareMethodName());
    }

    /** As Go spells a code: {@code NotFound}, but {@code OK} and {@code Canceled}. */
    static String spelled(Status.Code code) {
        return switch (code) {
            case OK -> "OK";
            case CANCELLED -> "Canceled";
            default -> camelCase(code.name());
        };
    }

    private static String camelCase(String upperCase) {
        var spelled = new StringBuilder();
        for (String word : upperCase.split("_", -1)) {
            spelled.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return spelled.toString();
    }
}
