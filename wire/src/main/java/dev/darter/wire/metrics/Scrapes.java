package dev.darter.wire.metrics;

import java.util.List;

/** How often the metrics were read, under the names of upstream's library. */
final class Scrapes {
    private static final String PREFIX = "promhttp_metric_handler_requests_";

    private Scrapes() {}

    static void register(MetricRegistry registry) {
        var answered = registry.counter(PREFIX + "total", "Scrapes answered, by status.", List.of("code"));
        for (String code : List.of("500", "503")) {
            var _ = answered.with(code);
        }
        registry.beforeExposition(answered.with("200")::increment);
        registry.gauge(PREFIX + "in_flight", "Scrapes being answered.").set(1); // the one that asks
    }
}
