package dev.darter.wire.metrics;

import java.util.List;
import java.util.Locale;

/**
 * Counts gRPC calls and messages of one side, under the names of Prometheus' well-known gRPC library for Go. Any thread may call it.
 * Source: families seen on v2.1.28's processes, {@code golden/metrics}.
 */
public final class CallMetrics {
    private static final List<String> METHOD = List.of("grpc_type", "grpc_service", "grpc_method");

    private final Family<Counter> started;
    private final Family<Counter> received;
    private final Family<Counter> sent;
    private final Family<Counter> handled;

    /** Which end of the calls. */
    public enum Side {
        SERVER,
        CLIENT;

        private String prefix() {
            return "grpc_" + name().toLowerCase(Locale.ROOT);
        }
    }

    /** How many messages each end sends; the label's value is the name in lower case. */
    public enum Shape {
        UNARY,
        CLIENT_STREAM,
        SERVER_STREAM,
        BIDI_STREAM
    }

    public CallMetrics(MetricRegistry registry, Side side) {
        started = registry.counter(side.prefix() + "_started_total", "Calls begun.", METHOD);
        received = registry.counter(side.prefix() + "_msg_received_total", "Messages received.", METHOD);
        sent = registry.counter(side.prefix() + "_msg_sent_total", "Messages sent.", METHOD);
        handled = registry.counter(
                side.prefix() + "_handled_total",
                "Calls ended, by their status.",
                List.of("grpc_type", "grpc_service", "grpc_method", "grpc_code"));
    }

    /** Shows a method's counters before its first call. */
    public void know(Shape shape, String service, String method) {
        var _ = of(shape, service, method);
    }

    /** The counters of one method. */
    public Method of(Shape shape, String service, String method) {
        String type = shape.name().toLowerCase(Locale.ROOT);
        return new Method(
                started.with(type, service, method),
                received.with(type, service, method),
                sent.with(type, service, method),
                type,
                service,
                method,
                handled);
    }

    /** What one call of a method counts. */
    public static final class Method {
        private final Counter started;
        private final Counter received;
        private final Counter sent;
        private final String type;
        private final String service;
        private final String name;
        private final Family<Counter> handled;

        private Method(
                Counter started,
                Counter received,
                Counter sent,
                String type,
                String service,
                String name,
                Family<Counter> handled) {
            this.started = started;
            this.received = received;
            this.sent = sent;
            this.type = type;
            this.service = service;
            this.name = name;
            this.handled = handled;
        }

        public void began() {
            started.increment();
        }

        public void received() {
            received.increment();
        }

        public void sent() {
            sent.increment();
        }

        /** @param code as Go spells it: {@code OK}, {@code NotFound} */
        public void ended(String code) {
            handled.with(type, service, name, code).increment();
        }
    }
}
