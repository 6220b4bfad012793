package dev.darter.scheduler.dynconfig;

import dev.darter.core.ClusterMatching;
import dev.darter.wire.client.ClusterView;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The border of a cluster whose manager is v2.1.28's: it tells a scheduler of the scopes of its own cluster only, and not whether that is the
 * default one. What lies outside counts as one other cluster.
 */
final class GuessedBorders {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private GuessedBorders() {}

    /** Whether the operator said anything of the hosts of the cluster. */
    static boolean hasScopes(ClusterView view) {
        return !scope(view.scopes(), false).isEmpty();
    }

    /**
     * The border around one cluster.
     *
     * @param strangers clusters in the order in which the manager offers them to a host that matches nowhere. Where ours is not among them
     *     nothing is known, and nobody is refused
     */
    static ClusterView.Borders of(long own, ClusterView view, List<Long> strangers) {
        boolean takesStrangers = !strangers.contains(own) || strangers.getFirst() == own;
        var here = new ClusterView.Cluster(own, Long.toString(own), scope(view.scopes(), takesStrangers));
        var outside = new ClusterView.Cluster(
                0, "another one", new ClusterMatching.Scope("", "", List.of(), !takesStrangers));
        return new ClusterView.Borders(false, List.of(here, outside));
    }

    /** A text that is no object says nothing. */
    private static ClusterMatching.Scope scope(String json, boolean isDefault) {
        var cidrs = new ArrayList<String>();
        try {
            JsonNode scopes = JSON.readTree(json.isBlank() ? "{}" : json);
            for (JsonNode cidr : scopes.path("cidrs")) {
                cidrs.add(cidr.asString(""));
            }
            return new ClusterMatching.Scope(
                    scopes.path("idc").asString(""), scopes.path("location").asString(""), cidrs, isDefault);
        } catch (JacksonException e) {
            return new ClusterMatching.Scope("", "", List.of(), isDefault);
        }
    }
}
