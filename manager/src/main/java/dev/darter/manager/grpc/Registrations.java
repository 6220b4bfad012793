package dev.darter.manager.grpc;

import dev.darter.manager.cluster.Instances;
import java.util.LinkedHashMap;
import java.util.Map;

/** What schedulers and seed peers say of themselves, in either version: written to their rows. Who has none gets one. Any thread may call it. */
final class Registrations {
    private final Instances instances;

    Registrations(Instances instances) {
        this.instances = instances;
    }

    /**
     * Where one is.
     *
     * @param idc empty says nothing: what was known stays; likewise the location
     */
    record Place(String idc, String location, String ip, int port) {
        private Map<String, Object> columns() {
            var columns = new LinkedHashMap<String, Object>();
            if (!idc.isEmpty()) {
                columns.put("idc", idc);
            }
            if (!location.isEmpty()) {
                columns.put("location", location);
            }
            columns.put("ip", ip);
            columns.put("port", port);
            return columns;
        }
    }

    /** The row as it is now. */
    Instances.Scheduler scheduler(String hostname, long clusterId, Place place) {
        Map<String, Object> columns = place.columns();
        var known = instances.scheduler(hostname, clusterId);
        if (known.isPresent()) {
            instances.update(Instances.Kind.SCHEDULER, known.get().id(), columns);
        } else {
            columns.put("host_name", hostname);
            columns.put("scheduler_cluster_id", clusterId);
            columns.put("features", "[\"schedule\",\"preheat\"]");
            instances.create(Instances.Kind.SCHEDULER, columns);
        }
        return instances.scheduler(hostname, clusterId).orElseThrow(Answers::notFound);
    }

    /**
     * The row as it is now.
     *
     * @param more columns beside those of the place
     * @param activeWhenNew whether one that has no row yet counts as active before its first keepalive; one that has does
     */
    Instances.SeedPeer seedPeer(
            String hostname, long clusterId, Place place, Map<String, Object> more, boolean activeWhenNew) {
        Map<String, Object> columns = place.columns();
        columns.putAll(more);
        var known = instances.seedPeer(hostname, clusterId);
        if (known.isPresent()) {
            instances.update(Instances.Kind.SEED_PEER, known.get().id(), columns);
            instances.activate(Instances.Kind.SEED_PEER, known.get().id());
        } else {
            columns.put("host_name", hostname);
            columns.put("seed_peer_cluster_id", clusterId);
            long id = instances.create(Instances.Kind.SEED_PEER, columns);
            if (activeWhenNew) {
                instances.activate(Instances.Kind.SEED_PEER, id);
            }
        }
        return instances.seedPeer(hostname, clusterId).orElseThrow(Answers::notFound);
    }
}
