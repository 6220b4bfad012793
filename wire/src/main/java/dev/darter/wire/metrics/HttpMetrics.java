package dev.darter.wire.metrics;

import java.util.List;

/** Counts what an HTTP server answers, under the names of upstream's web servers. Any thread may call it. */
public final class HttpMetrics {
    private static final double NANOS = 1e9;

    private final Family<Counter> requests;
    private final Summary seconds;
    private final Summary requestBytes;
    private final Summary responseBytes;

    /** @param prefix of the family names, such as {@code dragonfly_manager} */
    public HttpMetrics(MetricRegistry registry, String prefix) {
        requests = registry.counter(
                prefix + "_requests_total", "Requests answered.", List.of("code", "method", "handler", "host", "url"));
        seconds = registry.summary(prefix + "_request_duration_seconds", "Time from request to answer.", List.of());
        requestBytes = registry.summary(prefix + "_request_size_bytes", "Size of requests.", List.of());
        responseBytes = registry.summary(prefix + "_response_size_bytes", "Size of answers.", List.of());
    }

    /**
     * One answer.
     *
     * @param handler what answered: a name of ours, since upstream's are names of Go functions
     * @param url the path, without what tells single objects apart where the caller can say so
     */
    public void answered(
            int code,
            String method,
            String handler,
            String host,
            String url,
            long nanos,
            long bytesReceived,
            long bytesSent) {
        requests.with(Integer.toString(code), method, handler, host, url).increment();
        seconds.observe(nanos / NANOS);
        requestBytes.observe(Math.max(0, bytesReceived));
        responseBytes.observe(Math.max(0, bytesSent));
    }
}
