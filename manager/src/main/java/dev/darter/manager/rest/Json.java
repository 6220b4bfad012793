package dev.darter.manager.rest;

import dev.darter.manager.access.Users;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shapes that v2.1.28's REST API shows, key for key and in its order: relations that were not loaded are a zero object or {@code null},
 * which the console relies on.
 */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    private Json() {}

    static Map<String, Object> user(Users.User user) {
        var json = base(user.id(), user.createdAt(), user.updatedAt());
        json.put("email", user.email());
        json.put("name", user.name());
        json.put("avatar", user.avatar());
        json.put("phone", user.phone());
        json.put("state", user.state());
        json.put("location", user.location());
        json.put("bio", user.bio());
        json.put("configs", null);
        return json;
    }

    /** A scheduler cluster and its seed peer cluster seen as one. */
    static Map<String, Object> cluster(Clusters.SchedulerCluster cluster, Clusters.SeedPeerCluster seeds) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", cluster.id());
        json.put("name", cluster.name());
        json.put("bio", cluster.bio());
        json.put("scopes", scopes(cluster));
        json.put("scheduler_cluster_id", cluster.id());
        json.put("seed_peer_cluster_id", seeds.id());
        json.put("scheduler_cluster_config", parse(cluster.config()));
        json.put("seed_peer_cluster_config", parse(seeds.config()));
        json.put("peer_cluster_config", parse(cluster.clientConfig()));
        json.put("created_at", time(cluster.createdAt()));
        json.put("updated_at", time(cluster.updatedAt()));
        json.put("is_default", cluster.isDefault());
        return json;
    }

    private static Map<String, Object> scopes(Clusters.SchedulerCluster cluster) {
        JsonNode scopes = parse(cluster.scopes().orElse("{}"));
        var json = new LinkedHashMap<String, Object>();
        json.put("idc", scopes.path("idc").asString(""));
        json.put("location", scopes.path("location").asString(""));
        json.put("cidrs", scopes.path("cidrs").isArray() ? scopes.path("cidrs") : null);
        return json;
    }

    static Map<String, Object> schedulerCluster(
            Clusters.SchedulerCluster cluster, @Nullable List<Map<String, Object>> seedPeerClusters) {
        var json = base(cluster.id(), cluster.createdAt(), cluster.updatedAt());
        json.put("name", cluster.name());
        json.put("bio", cluster.bio());
        json.put("config", parse(cluster.config()));
        json.put("client_config", parse(cluster.clientConfig()));
        json.put("scopes", cluster.scopes().map(Json::parse).orElse(null));
        json.put("is_default", cluster.isDefault());
        json.put("seed_peer_clusters", seedPeerClusters);
        json.put("schedulers", null);
        json.put("peers", null);
        json.put("jobs", null);
        return json;
    }

    static Map<String, Object> seedPeerCluster(
            Clusters.SeedPeerCluster cluster, @Nullable List<Map<String, Object>> schedulerClusters) {
        var json = base(cluster.id(), cluster.createdAt(), cluster.updatedAt());
        json.put("name", cluster.name());
        json.put("bio", cluster.bio());
        json.put("config", parse(cluster.config()));
        json.put("scheduler_clusters", schedulerClusters);
        json.put("seed_peer", null);
        json.put("jobs", null);
        return json;
    }

    static Map<String, Object> scheduler(Instances.Scheduler scheduler) {
        var json = base(scheduler.id(), scheduler.createdAt(), scheduler.updatedAt());
        json.put("host_name", scheduler.hostname());
        json.put("idc", scheduler.idc());
        json.put("location", scheduler.location());
        json.put("ip", scheduler.ip());
        json.put("port", scheduler.port());
        json.put("state", scheduler.state());
        json.put("features", scheduler.features().isEmpty() ? null : parse(scheduler.features()));
        json.put("scheduler_cluster_id", scheduler.clusterId());
        json.put("scheduler_cluster", zeroSchedulerCluster());
        json.put("models", null);
        return json;
    }

    static Map<String, Object> seedPeer(Instances.SeedPeer seed) {
        var json = base(seed.id(), seed.createdAt(), seed.updatedAt());
        json.put("host_name", seed.hostname());
        json.put("type", seed.type());
        json.put("idc", seed.idc());
        json.put("location", seed.location());
        json.put("ip", seed.ip());
        json.put("port", seed.port());
        json.put("download_port", seed.downloadPort());
        json.put("object_storage_port", seed.objectStoragePort());
        json.put("state", seed.state());
        json.put("seed_peer_cluster_id", seed.clusterId());
        json.put("seed_peer_cluster", zeroSeedPeerCluster());
        return json;
    }

    private static Map<String, Object> zeroSchedulerCluster() {
        var json = zeroBase();
        json.put("name", "");
        json.put("bio", "");
        for (String key : List.of("config", "client_config", "scopes")) {
            json.put(key, null);
        }
        json.put("is_default", false);
        for (String key : List.of("seed_peer_clusters", "schedulers", "peers", "jobs")) {
            json.put(key, null);
        }
        return json;
    }

    private static Map<String, Object> zeroSeedPeerCluster() {
        var json = zeroBase();
        json.put("name", "");
        json.put("bio", "");
        for (String key : List.of("config", "scheduler_clusters", "seed_peer", "jobs")) {
            json.put(key, null);
        }
        return json;
    }

    private static Map<String, Object> base(long id, Instant createdAt, Instant updatedAt) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", id);
        json.put("created_at", time(createdAt));
        json.put("updated_at", time(updatedAt));
        json.put("is_del", 0);
        return json;
    }

    private static Map<String, Object> zeroBase() {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", 0);
        json.put("created_at", ZERO_TIME);
        json.put("updated_at", ZERO_TIME);
        json.put("is_del", 0);
        return json;
    }

    static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text.isBlank() ? "null" : text);
        } catch (JacksonException e) {
            return MAPPER.nullNode();
        }
    }

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
