package dev.darter.scheduler.dynconfig;

import dev.darter.wire.client.Application;
import dev.darter.wire.client.ClusterView;
import java.util.List;

/**
 * What the manager says of the cluster, replaced whole.
 *
 * @param candidateParentLimit most parents of a v2.1.28 peer
 * @param peerLoadLimit children of a normal host at once; 0 when the manager says nothing
 * @param borders whom this scheduler takes in
 */
public record ClusterConfig(
        int candidateParentLimit,
        int peerLoadLimit,
        List<ClusterView.Seed> seeds,
        List<Application> applications,
        Borders borders) {
    private static final int DEFAULT_PARENTS = 4;

    /** Before the manager was ever heard. */
    public static final ClusterConfig UNKNOWN =
            new ClusterConfig(DEFAULT_PARENTS, 0, List.of(), List.of(), Borders.NONE);

    public ClusterConfig {
        candidateParentLimit = candidateParentLimit > 0 ? candidateParentLimit : DEFAULT_PARENTS;
        seeds = List.copyOf(seeds);
        applications = List.copyOf(applications);
    }
}
