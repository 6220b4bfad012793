package dev.darter.wire.metrics;

import java.util.List;

/** What a daemon's proxy counts, under upstream's names. Any thread may call it. */
public final class ProxyMetrics {
    private static final String PREFIX = "dragonfly_dfdaemon_proxy_request_";
    private static final List<String> METHOD = List.of("method");

    private final Family<Counter> requests;
    private final Family<Gauge> running;
    private final Family<Counter> bytes;
    private final Counter via;
    private final Counter notVia;

    public ProxyMetrics(MetricRegistry registry) {
        requests = registry.counter(PREFIX + "total", "Counter of requests to the proxy.", METHOD);
        running = registry.gauge(PREFIX + "running_total", "Gauge of requests that the proxy is answering.", METHOD);
        bytes = registry.counter(PREFIX + "bytes_total", "Counter of bytes that the proxy answered with.", METHOD);
        via = registry.counter(PREFIX + "via_dragonfly_total", "Counter of requests answered from a task.");
        notVia = registry.counter(PREFIX + "not_via_dragonfly_total", "Counter of requests passed on to the origin.");
    }

    public void began(String method) {
        requests.with(method).increment();
        running.with(method).increment();
    }

    public void ended(String method, long bytesSent) {
        running.with(method).decrement();
        bytes.with(method).add(bytesSent);
    }

    /** @param fromTask whether a task answers, and not the origin */
    public void routed(boolean fromTask) {
        (fromTask ? via : notVia).increment();
    }
}
