package dev.darter.wire.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ProxyMetricsTest {
    private final MetricRegistry registry = new MetricRegistry(() -> Instant.parse("2026-01-01T00:00:00Z"));
    private final ProxyMetrics metrics = new ProxyMetrics(registry);

    @Test
    void countsRequestsByMethodAndByWhoAnswers() {
        metrics.began("GET");
        metrics.began("GET");
        metrics.routed(true);
        metrics.routed(false);
        metrics.ended("GET", 100);

        assertThat(registry.expose())
                .contains(
                        "dragonfly_dfdaemon_proxy_request_total{method=\"GET\"} 2\n",
                        "dragonfly_dfdaemon_proxy_request_running_total{method=\"GET\"} 1\n",
                        "dragonfly_dfdaemon_proxy_request_bytes_total{method=\"GET\"} 100\n",
                        "dragonfly_dfdaemon_proxy_request_via_dragonfly_total 1\n",
                        "dragonfly_dfdaemon_proxy_request_not_via_dragonfly_total 1\n");
    }
}
