package dev.darter.manager.rest;

import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code schedulers} and {@code seed-peers}. */
final class InstanceRoutes {
    private static final int LOWEST_PORT = 1024;
    private static final int HIGHEST_PORT = 65535;
    private static final Set<String> SEED_TYPES = Set.of("super", "strong", "weak");

    private final Instances instances;
    private final Clusters clusters;

    InstanceRoutes(Instances instances, Clusters clusters) {
        this.instances = instances;
        this.clusters = clusters;
    }

    void add(RoutesConfig routes, String api) {
        routes.get(
                api + "/schedulers",
                context -> Pages.send(
                        context,
                        instances
                                .schedulers(filter(
                                        context,
                                        List.of("host_name", "idc", "location", "ip", "state"),
                                        List.of("scheduler_cluster_id")))
                                .stream()
                                .map(Json::scheduler)
                                .toList(),
                        false));
        routes.get(
                api + "/schedulers/{id}", context -> context.json(Json.scheduler(scheduler(Pages.id(context, "id")))));
        routes.post(api + "/schedulers", context -> {
            var body = new Body(context.body());
            body.requiredText("host_name");
            body.requiredText("ip");
            body.requiredNumber("port", LOWEST_PORT, HIGHEST_PORT);
            long cluster = body.requiredNumber("scheduler_cluster_id", 1, Long.MAX_VALUE);
            Map<String, Object> columns = schedulerColumns(body);
            var _ = clusters.schedulerCluster(cluster).orElseThrow(Pages.NotFound::new);
            columns.putIfAbsent("features", "[\"schedule\",\"preheat\"]");
            context.json(Json.scheduler(scheduler(instances.create(Instances.Kind.SCHEDULER, columns))));
        });
        routes.patch(api + "/schedulers/{id}", context -> {
            long id = scheduler(Pages.id(context, "id")).id();
            instances.update(Instances.Kind.SCHEDULER, id, schedulerColumns(new Body(context.body())));
            context.json(Json.scheduler(scheduler(id)));
        });
        routes.delete(api + "/schedulers/{id}", context -> delete(context, Instances.Kind.SCHEDULER));
        routes.put(api + "/scheduler-clusters/{id}/schedulers/{scheduler_id}", context -> {
            long cluster = Pages.id(context, "id");
            var _ = clusters.schedulerCluster(cluster).orElseThrow(Pages.NotFound::new);
            instances.update(
                    Instances.Kind.SCHEDULER,
                    scheduler(Pages.id(context, "scheduler_id")).id(),
                    Map.of("scheduler_cluster_id", cluster));
        });

        routes.get(
                api + "/seed-peers",
                context -> Pages.send(
                        context,
                        instances
                                .seedPeers(filter(
                                        context,
                                        List.of("host_name", "type", "idc", "location", "ip", "state"),
                                        List.of(
                                                "port",
                                                "download_port",
                                                "object_storage_port",
                                                "seed_peer_cluster_id")))
                                .stream()
                                .map(Json::seedPeer)
                                .toList(),
                        false));
        routes.get(api + "/seed-peers/{id}", context -> context.json(Json.seedPeer(seedPeer(Pages.id(context, "id")))));
        routes.post(api + "/seed-peers", context -> {
            var body = new Body(context.body());
            body.requiredText("host_name");
            body.requiredText("type");
            body.requiredText("ip");
            body.requiredNumber("port", LOWEST_PORT, HIGHEST_PORT);
            body.requiredNumber("download_port", LOWEST_PORT, HIGHEST_PORT);
            long cluster = body.requiredNumber("seed_peer_cluster_id", 1, Long.MAX_VALUE);
            Map<String, Object> columns = seedColumns(body);
            var _ = clusters.seedPeerCluster(cluster).orElseThrow(Pages.NotFound::new);
            context.json(Json.seedPeer(seedPeer(instances.create(Instances.Kind.SEED_PEER, columns))));
        });
        routes.patch(api + "/seed-peers/{id}", context -> {
            long id = seedPeer(Pages.id(context, "id")).id();
            instances.update(Instances.Kind.SEED_PEER, id, seedColumns(new Body(context.body())));
            context.json(Json.seedPeer(seedPeer(id)));
        });
        routes.delete(api + "/seed-peers/{id}", context -> delete(context, Instances.Kind.SEED_PEER));
        routes.put(api + "/seed-peer-clusters/{id}/seed-peers/{seed_peer_id}", context -> {
            long cluster = Pages.id(context, "id");
            var _ = clusters.seedPeerCluster(cluster).orElseThrow(Pages.NotFound::new);
            instances.update(
                    Instances.Kind.SEED_PEER,
                    seedPeer(Pages.id(context, "seed_peer_id")).id(),
                    Map.of("seed_peer_cluster_id", cluster));
        });
    }

    private static Map<String, Object> schedulerColumns(Body body) {
        Map<String, Object> columns =
                columns(body, List.of("host_name", "idc", "location", "ip"), List.of("port"), "scheduler_cluster_id");
        body.node("features").ifPresent(features -> columns.put("features", features.toString()));
        body.check();
        return columns;
    }

    private static Map<String, Object> seedColumns(Body body) {
        Map<String, Object> columns = columns(
                body,
                List.of("host_name", "type", "idc", "location", "ip"),
                List.of("port", "download_port", "object_storage_port"),
                "seed_peer_cluster_id");
        body.check();
        Object type = columns.get("type");
        if (type != null && !SEED_TYPES.contains(type.toString())) {
            throw new Body.InvalidRequest("type: " + type + " (expected: super, strong or weak)");
        }
        return columns;
    }

    private static Map<String, Object> columns(Body body, List<String> texts, List<String> ports, String cluster) {
        var columns = new LinkedHashMap<String, Object>();
        texts.forEach(name -> body.text(name).ifPresent(value -> columns.put(name, value)));
        ports.forEach(
                name -> body.number(name, LOWEST_PORT, HIGHEST_PORT).ifPresent(value -> columns.put(name, value)));
        body.number(cluster, 1, Long.MAX_VALUE).ifPresent(value -> columns.put(cluster, value));
        return columns;
    }

    private static Map<String, Object> filter(Context context, List<String> texts, List<String> numbers) {
        var where = new LinkedHashMap<String, Object>();
        for (String name : texts) {
            String value = context.queryParam(name);
            if (value != null && !value.isEmpty()) {
                where.put(name, value);
            }
        }
        for (String name : numbers) {
            long value = Pages.number(context, name, 0);
            if (value != 0) {
                where.put(name, value);
            }
        }
        return where;
    }

    private void delete(Context context, Instances.Kind kind) {
        if (!instances.delete(kind, Pages.id(context, "id"))) {
            throw new Pages.NotFound();
        }
    }

    private Instances.Scheduler scheduler(long id) {
        return instances.schedulers(Map.of("id", id)).stream().findFirst().orElseThrow(Pages.NotFound::new);
    }

    private Instances.SeedPeer seedPeer(long id) {
        return instances.seedPeers(Map.of("id", id)).stream().findFirst().orElseThrow(Pages.NotFound::new);
    }
}
