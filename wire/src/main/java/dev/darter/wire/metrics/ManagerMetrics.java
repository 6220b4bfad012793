package dev.darter.wire.metrics;

import java.util.List;

/** What a manager counts, under upstream's names. Any thread may call it. */
public final class ManagerMetrics {
    private static final String PREFIX = "dragonfly_manager";
    private static final List<String> CALLER = List.of("version", "commit");

    private final HttpMetrics http;
    private final Family<Counter> searches;
    private final Family<Counter> failedSearches;

    public ManagerMetrics(MetricRegistry registry) {
        http = new HttpMetrics(registry, PREFIX);
        searches = registry.counter(
                PREFIX + "_search_scheduler_cluster_total", "Counter of searches for a caller's clusters.", CALLER);
        failedSearches = registry.counter(
                PREFIX + "_search_scheduler_cluster_failure_total",
                "Counter of searches for a caller's clusters that failed.",
                CALLER);
    }

    /** What REST answers. */
    public HttpMetrics http() {
        return http;
    }

    /** @param version what the caller says of its program */
    public void searched(String version, String commit) {
        searches.with(version, commit).increment();
    }

    public void searchFailed(String version, String commit) {
        failedSearches.with(version, commit).increment();
    }
}
