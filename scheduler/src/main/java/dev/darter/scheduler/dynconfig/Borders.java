package dev.darter.scheduler.dynconfig;

import dev.darter.core.ClusterMatching;
import dev.darter.core.PeerHost;
import dev.darter.wire.client.ClusterView;
import java.util.List;
import java.util.Optional;

/**
 * Which hosts belong to this scheduler's cluster, by the rule that the manager sends them by. A cluster without scopes takes in, besides, who
 * matches nowhere: hosts may know its schedulers from their own configuration. Any thread may call it.
 */
public final class Borders {
    /** Nobody is a stranger. */
    public static final Borders NONE = new Borders(0, List.of());

    private final List<ClusterView.Cluster> clusters;
    private final ClusterMatching matching;
    private final int own;

    private Borders(long ownId, List<ClusterView.Cluster> clusters) {
        this.clusters = List.copyOf(clusters);
        this.matching = new ClusterMatching(
                clusters.stream().map(ClusterView.Cluster::scope).toList());
        this.own = clusters.stream().map(ClusterView.Cluster::id).toList().indexOf(ownId);
    }

    /**
     * Borders as a manager of ours tells them.
     *
     * @param ownId of the cluster that this scheduler is in
     */
    public static Borders of(long ownId, ClusterView.Borders told) {
        var borders = new Borders(ownId, told.clusters());
        boolean drawn = !told.failover() && borders.own >= 0 && told.clusters().size() > 1;
        return drawn ? borders : NONE;
    }

    /** Where a host belongs that does not belong here: names of clusters. */
    public record Elsewhere(String here, List<String> there) {}

    /** Empty for a host that belongs here, or nowhere. */
    public Optional<Elsewhere> elsewhere(PeerHost host) {
        if (clusters.isEmpty()) {
            return Optional.empty();
        }
        var caller = new ClusterMatching.Caller(host.ip(), host.idc(), host.location());
        List<Integer> home = matching.home(caller);
        if (home.isEmpty() || home.contains(own) || takesStranger(caller)) {
            return Optional.empty();
        }
        return Optional.of(new Elsewhere(
                clusters.get(own).name(),
                home.stream().map(i -> clusters.get(i).name()).toList()));
    }

    /** Nobody drew a border between a host that matches nowhere and a cluster without scopes, though the manager names it the default only. */
    private boolean takesStranger(ClusterMatching.Caller caller) {
        return clusters.get(own).scope().isEmpty() && !matching.matchesAnywhere(caller);
    }
}
