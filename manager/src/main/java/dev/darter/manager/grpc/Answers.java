package dev.darter.manager.grpc;

import com.google.protobuf.ByteString;
import dev.darter.core.ClusterMatching;
import dev.darter.core.Priority;
import dev.darter.manager.cluster.Applications;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import dev.darter.wire.metrics.ManagerMetrics;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What both versions of the service answer, before it takes the form of either. Any thread may call it. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** How long a cluster counts after its last scheduler went. */
    private static final Duration MEMORY = Duration.ofDays(1);

    private final Clusters clusters;
    private final Instances instances;
    private final Applications applications;
    private final boolean failover;
    private final ManagerMetrics metrics;
    private final InstantSource clock;

    /** Names of the clusters that a host was left alone with, and the minute in which that was last said. */
    private final Map<List<String>, Instant> warnings = new ConcurrentHashMap<>();

    Answers(
            Clusters clusters,
            Instances instances,
            Applications applications,
            boolean failover,
            ManagerMetrics metrics,
            InstantSource clock) {
        this.clusters = clusters;
        this.instances = instances;
        this.applications = applications;
        this.failover = failover;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** A scheduler with what belongs to it. */
    record SchedulerView(
            Instances.Scheduler scheduler, Clusters.SchedulerCluster cluster, List<SeedPeerView> seedPeers) {}

    /** @param schedulers active ones and those that lately were, at least one */
    record ClusterView(
            Clusters.SchedulerCluster cluster, ClusterMatching.Scope scope, List<Instances.Scheduler> schedulers) {}

    record SeedPeerView(Instances.SeedPeer seedPeer, Clusters.SeedPeerCluster cluster) {}

    /** @param urls rules in order */
    record PriorityView(Applications.Application application, int value, List<UrlRule> urls) {}

    record UrlRule(String regex, int value) {}

    /**
     * Active schedulers of the cluster that a caller belongs to; of all clusters, best first, where the operator wants failover.
     *
     * @param version what the caller says of its program, to count it by
     */
    List<SchedulerView> schedulersFor(ClusterMatching.Caller caller, String version, String commit) {
        metrics.searched(version, commit);
        try {
            return schedulersFor(caller);
        } catch (RuntimeException e) {
            metrics.searchFailed(version, commit);
            throw e;
        }
    }

    private List<SchedulerView> schedulersFor(ClusterMatching.Caller caller) {
        List<ClusterView> all = clusters();
        var matching = new ClusterMatching(all.stream().map(ClusterView::scope).toList());
        List<ClusterView> offered = (failover ? matching.ranked(caller) : matching.home(caller))
                .stream().map(all::get).toList();
        var answer = new ArrayList<SchedulerView>();
        for (ClusterView view : offered) {
            List<Instances.Scheduler> active = view.schedulers().stream()
                    .filter(Instances.Scheduler::isActive)
                    .toList();
            List<SeedPeerView> seeds = active.isEmpty()
                    ? List.of()
                    : activeSeedPeers(view.cluster().id());
            active.forEach(scheduler -> answer.add(new SchedulerView(scheduler, view.cluster(), seeds)));
        }
        if (answer.isEmpty()) {
            warn(
                    caller,
                    offered.stream().map(view -> view.cluster().name()).sorted().toList());
        }
        return answer;
    }

    /** Hosts ask again and again: one of them a minute is named. */
    private void warn(ClusterMatching.Caller caller, List<String> home) {
        Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
        if (!minute.equals(warnings.put(home, minute))) {
            LOG.atWarn()
                    .addKeyValue("ip", caller.ip())
                    .addKeyValue("idc", caller.idc())
                    .addKeyValue("location", caller.location())
                    .addKeyValue("clusters", home)
                    .log("no scheduler is active in the clusters that this host belongs to");
        }
    }

    /**
     * Clusters that hosts can belong to: those with a scheduler that is active or was so within the last day. If only living ones counted,
     * hosts would cross the border whenever a scheduler restarts; if all did, one that was given up would keep its hosts.
     */
    List<ClusterView> clusters() {
        Instant oldest = clock.instant().minus(MEMORY);
        Map<Long, List<Instances.Scheduler>> schedulers = instances.schedulers(Map.of()).stream()
                .filter(scheduler ->
                        scheduler.features().isEmpty() || scheduler.features().contains("\"schedule\""))
                .filter(scheduler ->
                        scheduler.isActive() || scheduler.updatedAt().isAfter(oldest))
                .collect(Collectors.groupingBy(Instances.Scheduler::clusterId));
        return clusters.schedulerClusters().stream()
                .filter(cluster -> schedulers.containsKey(cluster.id()))
                .map(cluster ->
                        new ClusterView(cluster, scope(cluster), schedulers.getOrDefault(cluster.id(), List.of())))
                .toList();
    }

    /** Whether callers are told of the schedulers of all clusters. */
    boolean isFailover() {
        return failover;
    }

    SchedulerView scheduler(String hostname, long clusterId) {
        Instances.Scheduler scheduler = instances.scheduler(hostname, clusterId).orElseThrow(Answers::notFound);
        Clusters.SchedulerCluster cluster = clusters.schedulerCluster(clusterId).orElseThrow(Answers::notFound);
        return new SchedulerView(scheduler, cluster, activeSeedPeers(clusterId));
    }

    List<SeedPeerView> activeSeedPeers(long schedulerCluster) {
        var views = new ArrayList<SeedPeerView>();
        for (Clusters.SeedPeerCluster cluster : clusters.seedPeerClustersOf(schedulerCluster)) {
            instances
                    .seedPeers(Map.of("seed_peer_cluster_id", cluster.id(), "state", "active"))
                    .forEach(seed -> views.add(new SeedPeerView(seed, cluster)));
        }
        return views;
    }

    SeedPeerView seedPeer(String hostname, long clusterId) {
        return new SeedPeerView(
                instances.seedPeer(hostname, clusterId).orElseThrow(Answers::notFound),
                clusters.seedPeerCluster(clusterId).orElseThrow(Answers::notFound));
    }

    /** Active schedulers that a seed peer cluster works for. */
    List<Instances.Scheduler> activeSchedulersOf(long seedPeerCluster) {
        return clusters.schedulerClustersOf(seedPeerCluster).stream()
                .flatMap(cluster ->
                        instances.schedulers(Map.of("scheduler_cluster_id", cluster.id(), "state", "active")).stream())
                .toList();
    }

    /** Active seed peers beside the caller, which must be one itself. */
    List<SeedPeerView> seedPeersBeside(String hostname, String ip) {
        var self = instances.seedPeers(Map.of("host_name", hostname, "ip", ip)).stream()
                .findFirst()
                .orElseThrow(Answers::notFound);
        Clusters.SeedPeerCluster cluster =
                clusters.seedPeerCluster(self.clusterId()).orElseThrow(Answers::notFound);
        var active = instances.seedPeers(Map.of("seed_peer_cluster_id", self.clusterId(), "state", "active"));
        if (active.isEmpty()) {
            throw Status.NOT_FOUND.withDescription("seed peers not found").asRuntimeException();
        }
        return active.stream().map(seed -> new SeedPeerView(seed, cluster)).toList();
    }

    /** Applications with a priority. */
    List<PriorityView> applications() {
        var views = new ArrayList<PriorityView>();
        for (Applications.Application application : applications.withPriority()) {
            parse(application).ifPresent(views::add);
        }
        if (views.isEmpty()) {
            throw Status.NOT_FOUND.withDescription("application not found").asRuntimeException();
        }
        return views;
    }

    private static Optional<PriorityView> parse(Applications.Application application) {
        try {
            JsonNode priority = JSON.readTree(application.priority());
            var urls = new ArrayList<UrlRule>();
            for (JsonNode url : priority.path("urls")) {
                urls.add(new UrlRule(url.path("regex").asString(""), level(url.path("value"))));
            }
            return Optional.of(new PriorityView(application, level(priority.path("value")), urls));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static int level(JsonNode value) {
        int number = value.isInt() ? value.intValue() : 0;
        return Math.min(number, Priority.values().length - 1);
    }

    private static ClusterMatching.Scope scope(Clusters.SchedulerCluster cluster) {
        try {
            JsonNode scopes = JSON.readTree(
                    cluster.scopes().filter(text -> !text.isBlank()).orElse("{}"));
            var cidrs = new ArrayList<String>();
            for (JsonNode cidr : scopes.path("cidrs")) {
                cidrs.add(cidr.asString(""));
            }
            return new ClusterMatching.Scope(
                    scopes.path("idc").asString(""), scopes.path("location").asString(""), cidrs, cluster.isDefault());
        } catch (JacksonException e) {
            return new ClusterMatching.Scope("", "", List.of(), cluster.isDefault());
        }
    }

    static ByteString bytes(String json) {
        return ByteString.copyFromUtf8(json);
    }

    /** Upstream's answer for a row that is not there. */
    static StatusRuntimeException notFound() {
        return Status.INTERNAL.withDescription("record not found").asRuntimeException();
    }
}
