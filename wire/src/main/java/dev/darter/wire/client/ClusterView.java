package dev.darter.wire.client;

import dev.darter.core.ClusterMatching;
import dev.darter.core.HostType;
import java.util.List;
import java.util.Optional;

/**
 * What the manager tells a scheduler of its cluster. The configurations are the manager's JSON, empty text where there is none.
 *
 * @param config {@code candidate_parent_limit}, {@code filter_parent_limit}
 * @param clientConfig {@code load_limit} of peers
 * @param scopes {@code idc}, {@code location}, {@code cidrs}
 * @param borders which hosts belong to which cluster; empty where the manager, one of v2.1.28, does not say
 */
public record ClusterView(
        String config, String clientConfig, String scopes, List<Seed> seeds, Optional<Borders> borders) {
    public ClusterView {
        seeds = List.copyOf(seeds);
    }

    public ClusterView withBorders(Borders known) {
        return new ClusterView(config, clientConfig, scopes, seeds, Optional.of(known));
    }

    /**
     * All clusters.
     *
     * @param failover whether hosts may come from any of them
     */
    public record Borders(boolean failover, List<Cluster> clusters) {
        public Borders {
            clusters = List.copyOf(clusters);
        }
    }

    /** @param id database key */
    public record Cluster(long id, String name, ClusterMatching.Scope scope) {}

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
