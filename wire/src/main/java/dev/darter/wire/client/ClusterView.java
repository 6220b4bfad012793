package dev.darter.wire.client;

import dev.darter.core.HostType;
import java.util.List;

/**
 * What the manager tells a scheduler of its cluster. The configurations are the manager's JSON, empty text where there is none.
 *
 * @param config {@code candidate_parent_limit}, {@code filter_parent_limit}
 * @param clientConfig {@code load_limit} of peers
 * @param scopes {@code idc}, {@code location}, {@code cidrs}
 */
public record ClusterView(String config, String clientConfig, String scopes, List<Seed> seeds) {
    public ClusterView {
        seeds = List.copyOf(seeds);
    }

    /** @param config JSON with {@code load_limit}, or empty */
    public record Seed(
            String hostname,
            HostType type,
            String idc,
            String location,
            String ip,
            int port,
            int downloadPort,
            String config) {}
}
