package dev.darter.manager.rest;

import dev.darter.manager.cluster.Clusters;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** {@code clusters}, {@code scheduler-clusters} and {@code seed-peer-clusters}. */
final class ClusterRoutes {
    private static final Map<String, long[]> SCHEDULER_LIMITS =
            limits("candidate_parent_limit", 1, 20, "filter_parent_limit", 10, 1000);
    private static final Map<String, long[]> PEER_LIMITS = Map.of("load_limit", new long[] {1, 2000});
    private static final Map<String, long[]> SEED_LIMITS = Map.of("load_limit", new long[] {1, 5000});

    private final Clusters clusters;

    ClusterRoutes(Clusters clusters) {
        this.clusters = clusters;
    }

    void add(RoutesConfig routes, String api) {
        routes.get(
                api + "/clusters",
                context -> Pages.send(
                        context,
                        list(context, clusters.schedulerClusters(), Clusters.SchedulerCluster::name).stream()
                                .map(this::view)
                                .toList(),
                        true));
        routes.get(api + "/clusters/{id}", context -> context.json(view(schedulerCluster(context))));
        routes.post(
                api + "/clusters",
                context -> context.json(
                        view(clusters.schedulerCluster(createBoth(context)).orElseThrow())));
        routes.patch(api + "/clusters/{id}", this::patchBoth);
        routes.delete(
                api + "/clusters/{id}",
                context -> delete(clusters.deleteSchedulerCluster(
                        schedulerCluster(context).id(), true)));

        routes.get(
                api + "/scheduler-clusters",
                context -> Pages.send(
                        context,
                        list(context, clusters.schedulerClusters(), Clusters.SchedulerCluster::name).stream()
                                .map(this::schedulerClusterView)
                                .toList(),
                        false));
        routes.get(
                api + "/scheduler-clusters/{id}",
                context -> context.json(schedulerClusterView(schedulerCluster(context))));
        routes.post(api + "/scheduler-clusters", this::createSchedulerCluster);
        routes.patch(api + "/scheduler-clusters/{id}", context -> {
            long id = schedulerCluster(context).id();
            var body = new Body(context.body());
            clusters.updateSchedulerCluster(id, schedulerColumns(body, "config", "client_config"));
            context.json(schedulerClusterView(clusters.schedulerCluster(id).orElseThrow()));
        });
        routes.delete(
                api + "/scheduler-clusters/{id}",
                context -> delete(clusters.deleteSchedulerCluster(
                        schedulerCluster(context).id(), false)));

        routes.get(
                api + "/seed-peer-clusters",
                context -> Pages.send(
                        context,
                        list(context, clusters.seedPeerClusters(), Clusters.SeedPeerCluster::name).stream()
                                .map(this::seedPeerClusterView)
                                .toList(),
                        false));
        routes.get(
                api + "/seed-peer-clusters/{id}",
                context -> context.json(seedPeerClusterView(seedPeerCluster(context))));
        routes.post(api + "/seed-peer-clusters", context -> {
            var body = new Body(context.body());
            body.require("config");
            body.requiredText("name");
            long id = clusters.createSeedPeerCluster(seedColumns(body, "config", true));
            context.json(seedPeerClusterView(clusters.seedPeerCluster(id).orElseThrow()));
        });
        routes.patch(api + "/seed-peer-clusters/{id}", context -> {
            long id = seedPeerCluster(context).id();
            clusters.updateSeedPeerCluster(id, seedColumns(new Body(context.body()), "config", false));
            context.json(seedPeerClusterView(clusters.seedPeerCluster(id).orElseThrow()));
        });
        routes.delete(
                api + "/seed-peer-clusters/{id}",
                context -> delete(
                        clusters.deleteSeedPeerCluster(seedPeerCluster(context).id())));
        routes.put(api + "/seed-peer-clusters/{id}/scheduler-clusters/{scheduler_cluster_id}", context -> {
            long schedulers = Pages.id(context, "scheduler_cluster_id");
            var _ = clusters.schedulerCluster(schedulers).orElseThrow(Pages.NotFound::new);
            clusters.linkSeedPeerCluster(seedPeerCluster(context).id(), schedulers);
        });
    }

    private long createBoth(Context context) {
        var body = new Body(context.body());
        body.requiredText("name");
        List.of("scheduler_cluster_config", "seed_peer_cluster_config", "peer_cluster_config")
                .forEach(body::require);
        Map<String, Object> scheduler = schedulerColumns(body, "scheduler_cluster_config", "peer_cluster_config");
        scheduler.putIfAbsent("is_default", false);
        scheduler.putIfAbsent("bio", "");
        return clusters.createBoth(scheduler, seedColumns(body, "seed_peer_cluster_config", true));
    }

    /** What is not in the request stays as it is, the default flag included. */
    private void patchBoth(Context context) {
        Clusters.SchedulerCluster cluster = schedulerCluster(context);
        var body = new Body(context.body());
        clusters.updateSchedulerCluster(
                cluster.id(), schedulerColumns(body, "scheduler_cluster_config", "peer_cluster_config"));
        Map<String, Object> seeds = seedColumns(body, "seed_peer_cluster_config", false);
        clusters.seedPeerClustersOf(cluster.id()).forEach(seed -> clusters.updateSeedPeerCluster(seed.id(), seeds));
        context.json(view(clusters.schedulerCluster(cluster.id()).orElseThrow()));
    }

    private void createSchedulerCluster(Context context) {
        var body = new Body(context.body());
        body.requiredText("name");
        body.require("config");
        body.require("client_config");
        Map<String, Object> columns = schedulerColumns(body, "config", "client_config");
        columns.putIfAbsent("is_default", false);
        columns.putIfAbsent("bio", "");
        Optional<Long> seeds = body.number("seed_peer_cluster_id", 1, Long.MAX_VALUE);
        long id = clusters.createSchedulerCluster(columns);
        seeds.ifPresent(seed -> clusters.linkSeedPeerCluster(seed, id));
        context.json(schedulerClusterView(clusters.schedulerCluster(id).orElseThrow()));
    }

    private static Map<String, Object> schedulerColumns(Body body, String config, String clientConfig) {
        var columns = new LinkedHashMap<String, Object>();
        body.text("name").ifPresent(name -> columns.put("name", name));
        body.text("bio").ifPresent(bio -> columns.put("bio", bio));
        body.limits(config, SCHEDULER_LIMITS).ifPresent(json -> columns.put("config", json));
        body.limits(clientConfig, PEER_LIMITS).ifPresent(json -> columns.put("client_config", json));
        body.node("scopes").ifPresent(scopes -> columns.put("scopes", scopes.toString()));
        body.flag("is_default").ifPresent(flag -> columns.put("is_default", flag));
        body.check();
        return columns;
    }

    private static Map<String, Object> seedColumns(Body body, String config, boolean isNew) {
        var columns = new LinkedHashMap<String, Object>();
        body.text("name").ifPresent(name -> columns.put("name", name));
        body.text("bio").ifPresent(bio -> columns.put("bio", bio));
        body.limits(config, SEED_LIMITS).ifPresent(json -> columns.put("config", json));
        if (isNew) {
            columns.putIfAbsent("bio", "");
        }
        body.check();
        return columns;
    }

    private Map<String, Object> view(Clusters.SchedulerCluster cluster) {
        List<Clusters.SeedPeerCluster> seeds = clusters.seedPeerClustersOf(cluster.id());
        if (seeds.size() != 1) {
            throw new Pages.Refused("invalid number of the seed peer cluster");
        }
        return Json.cluster(cluster, seeds.getFirst());
    }

    private Map<String, Object> schedulerClusterView(Clusters.SchedulerCluster cluster) {
        return Json.schedulerCluster(
                cluster,
                clusters.seedPeerClustersOf(cluster.id()).stream()
                        .map(seeds -> Json.seedPeerCluster(seeds, null))
                        .toList());
    }

    private Map<String, Object> seedPeerClusterView(Clusters.SeedPeerCluster cluster) {
        return Json.seedPeerCluster(
                cluster,
                clusters.schedulerClustersOf(cluster.id()).stream()
                        .map(schedulers -> Json.schedulerCluster(schedulers, null))
                        .toList());
    }

    private Clusters.SchedulerCluster schedulerCluster(Context context) {
        return clusters.schedulerCluster(Pages.id(context, "id")).orElseThrow(Pages.NotFound::new);
    }

    private Clusters.SeedPeerCluster seedPeerCluster(Context context) {
        return clusters.seedPeerCluster(Pages.id(context, "id")).orElseThrow(Pages.NotFound::new);
    }

    private static <T> List<T> list(Context context, List<T> all, Function<T, String> name) {
        String wanted = context.queryParam("name");
        return wanted == null || wanted.isEmpty()
                ? all
                : all.stream().filter(one -> name.apply(one).equals(wanted)).toList();
    }

    private static void delete(Optional<String> refusal) {
        refusal.ifPresent(reason -> {
            throw new Pages.Refused(reason);
        });
    }

    private static Map<String, long[]> limits(String a, long aMin, long aMax, String b, long bMin, long bMax) {
        var bounds = new LinkedHashMap<String, long[]>();
        bounds.put(a, new long[] {aMin, aMax});
        bounds.put(b, new long[] {bMin, bMax});
        return bounds;
    }
}
