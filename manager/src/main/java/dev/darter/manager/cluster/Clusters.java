package dev.darter.manager.cluster;

import dev.darter.manager.database.Database;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Scheduler clusters and seed peer clusters, and which belong together. Configurations are JSON texts whose spelling is a contract with
 * schedulers of every make. Any thread may call it.
 */
public final class Clusters {
    /**
     * Schedulers that belong together.
     *
     * @param config JSON with {@code candidate_parent_limit} and {@code filter_parent_limit}
     * @param clientConfig JSON with {@code load_limit}
     * @param scopes JSON with {@code idc}, {@code location}, {@code cidrs}; empty where none was ever given
     */
    public record SchedulerCluster(
            long id,
            Instant createdAt,
            Instant updatedAt,
            String name,
            String bio,
            String config,
            String clientConfig,
            Optional<String> scopes,
            boolean isDefault) {}

    /** @param config JSON with {@code load_limit} */
    public record SeedPeerCluster(
            long id, Instant createdAt, Instant updatedAt, String name, String bio, String config) {}

    private static final RowMapper<SchedulerCluster> SCHEDULER_CLUSTER = (row, _) -> new SchedulerCluster(
            row.getLong("id"),
            Rows.instant(row, "created_at"),
            Rows.instant(row, "updated_at"),
            Rows.text(row, "name"),
            Rows.text(row, "bio"),
            Rows.text(row, "config"),
            Rows.text(row, "client_config"),
            Optional.ofNullable(row.getString("scopes")),
            row.getBoolean("is_default"));

    private static final RowMapper<SeedPeerCluster> SEED_PEER_CLUSTER = (row, _) -> new SeedPeerCluster(
            row.getLong("id"),
            Rows.instant(row, "created_at"),
            Rows.instant(row, "updated_at"),
            Rows.text(row, "name"),
            Rows.text(row, "bio"),
            Rows.text(row, "config"));

    private final Database database;

    public Clusters(Database database) {
        this.database = database;
    }

    /** Makes the default clusters where there are none. */
    public void seed() {
        database.jdbi().useTransaction(handle -> {
            if (count(handle, "scheduler_cluster") == 0) {
                handle.execute(
                        "INSERT INTO `scheduler_cluster` (`id`, `is_del`, `name`, `bio`, `config`, `client_config`, `scopes`, `is_default`)"
                                + " VALUES (1, 0, 'cluster-1', '', '{\"candidate_parent_limit\":4,\"filter_parent_limit\":15}',"
                                + " '{\"load_limit\":50}', '{}', true)");
            }
            if (count(handle, "seed_peer_cluster") == 0) {
                handle.execute("INSERT INTO `seed_peer_cluster` (`id`, `is_del`, `name`, `bio`, `config`)"
                        + " VALUES (1, 0, 'cluster-1', '', '{\"load_limit\":300}')");
                handle.execute(
                        "INSERT INTO `seed_peer_cluster_scheduler_cluster` (`seed_peer_cluster_id`, `scheduler_cluster_id`)"
                                + " SELECT 1, MIN(`id`) FROM `scheduler_cluster`");
            }
            Rows.restartIds(handle, "scheduler_cluster");
            Rows.restartIds(handle, "seed_peer_cluster");
        });
    }

    public List<SchedulerCluster> schedulerClusters() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT * FROM `scheduler_cluster` WHERE `is_del` = 0 ORDER BY `id`")
                        .map(SCHEDULER_CLUSTER)
                        .list());
    }

    public Optional<SchedulerCluster> schedulerCluster(long id) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT * FROM `scheduler_cluster` WHERE `id` = :id AND `is_del` = 0")
                        .bind("id", id)
                        .map(SCHEDULER_CLUSTER)
                        .findOne());
    }

    public List<SeedPeerCluster> seedPeerClusters() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT * FROM `seed_peer_cluster` WHERE `is_del` = 0 ORDER BY `id`")
                        .map(SEED_PEER_CLUSTER)
                        .list());
    }

    public Optional<SeedPeerCluster> seedPeerCluster(long id) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT * FROM `seed_peer_cluster` WHERE `id` = :id AND `is_del` = 0")
                        .bind("id", id)
                        .map(SEED_PEER_CLUSTER)
                        .findOne());
    }

    /** Seed peer clusters that work for a scheduler cluster. */
    public List<SeedPeerCluster> seedPeerClustersOf(long schedulerCluster) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT c.* FROM `seed_peer_cluster` c"
                                + " JOIN `seed_peer_cluster_scheduler_cluster` l ON l.`seed_peer_cluster_id` = c.`id`"
                                + " WHERE l.`scheduler_cluster_id` = :id AND c.`is_del` = 0 ORDER BY c.`id`")
                        .bind("id", schedulerCluster)
                        .map(SEED_PEER_CLUSTER)
                        .list());
    }

    /** Scheduler clusters that a seed peer cluster works for. */
    public List<SchedulerCluster> schedulerClustersOf(long seedPeerCluster) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT c.* FROM `scheduler_cluster` c"
                                + " JOIN `seed_peer_cluster_scheduler_cluster` l ON l.`scheduler_cluster_id` = c.`id`"
                                + " WHERE l.`seed_peer_cluster_id` = :id AND c.`is_del` = 0 ORDER BY c.`id`")
                        .bind("id", seedPeerCluster)
                        .map(SCHEDULER_CLUSTER)
                        .list());
    }

    /** Inserts and returns the new id. */
    public long createSchedulerCluster(Map<String, Object> columns) {
        return database.jdbi().inTransaction(handle -> Rows.insert(handle, "scheduler_cluster", columns));
    }

    public long createSeedPeerCluster(Map<String, Object> columns) {
        return database.jdbi().inTransaction(handle -> Rows.insert(handle, "seed_peer_cluster", columns));
    }

    /** Both clusters of one name at once, linked; the scheduler cluster's id. */
    public long createBoth(Map<String, Object> schedulerCluster, Map<String, Object> seedPeerCluster) {
        return database.jdbi().inTransaction(handle -> {
            long id = Rows.insert(handle, "scheduler_cluster", schedulerCluster);
            long seedId = Rows.insert(handle, "seed_peer_cluster", seedPeerCluster);
            link(handle, seedId, id);
            return id;
        });
    }

    /** Writes the given columns of a row; whether there was such a row. */
    public boolean updateSchedulerCluster(long id, Map<String, Object> columns) {
        return database.jdbi().inTransaction(handle -> Rows.update(handle, "scheduler_cluster", id, columns));
    }

    public boolean updateSeedPeerCluster(long id, Map<String, Object> columns) {
        return database.jdbi().inTransaction(handle -> Rows.update(handle, "seed_peer_cluster", id, columns));
    }

    /** Makes a scheduler cluster use this seed peer cluster and no other. */
    public void linkSeedPeerCluster(long seedPeerCluster, long schedulerCluster) {
        database.jdbi().useTransaction(handle -> {
            handle.execute(
                    "DELETE FROM `seed_peer_cluster_scheduler_cluster` WHERE `scheduler_cluster_id` = ?",
                    schedulerCluster);
            link(handle, seedPeerCluster, schedulerCluster);
        });
    }

    /** Why a cluster cannot be deleted; empty when it was. */
    public Optional<String> deleteSchedulerCluster(long id, boolean withSeedPeerClusters) {
        return database.jdbi().inTransaction(handle -> {
            if (countWhere(handle, "scheduler", "scheduler_cluster_id", id) > 0) {
                return Optional.of("scheduler cluster exists scheduler");
            }
            if (withSeedPeerClusters) {
                for (long seed : handle.createQuery(
                                "SELECT `seed_peer_cluster_id` FROM `seed_peer_cluster_scheduler_cluster` WHERE `scheduler_cluster_id` = :id")
                        .bind("id", id)
                        .mapTo(Long.class)
                        .list()) {
                    if (countWhere(handle, "seed_peer", "seed_peer_cluster_id", seed) > 0) {
                        return Optional.of("seedPeer cluster exists seedPeer");
                    }
                    handle.execute("DELETE FROM `seed_peer_cluster` WHERE `id` = ?", seed);
                }
            }
            handle.execute("DELETE FROM `seed_peer_cluster_scheduler_cluster` WHERE `scheduler_cluster_id` = ?", id);
            handle.execute("DELETE FROM `scheduler_cluster` WHERE `id` = ?", id);
            return Optional.<String>empty();
        });
    }

    public Optional<String> deleteSeedPeerCluster(long id) {
        return database.jdbi().inTransaction(handle -> {
            if (countWhere(handle, "seed_peer", "seed_peer_cluster_id", id) > 0) {
                return Optional.of("seedPeer cluster exists seedPeer");
            }
            handle.execute("DELETE FROM `seed_peer_cluster_scheduler_cluster` WHERE `seed_peer_cluster_id` = ?", id);
            handle.execute("DELETE FROM `seed_peer_cluster` WHERE `id` = ?", id);
            return Optional.<String>empty();
        });
    }

    private static void link(Handle handle, long seedPeerCluster, long schedulerCluster) {
        handle.execute(
                "INSERT INTO `seed_peer_cluster_scheduler_cluster` (`seed_peer_cluster_id`, `scheduler_cluster_id`) VALUES (?, ?)",
                seedPeerCluster,
                schedulerCluster);
    }

    private static long count(Handle handle, String table) {
        return handle.createQuery("SELECT COUNT(*) FROM `" + table + "`")
                .mapTo(Long.class)
                .one();
    }

    private static long countWhere(Handle handle, String table, String column, long value) {
        return handle.createQuery("SELECT COUNT(*) FROM `" + table + "` WHERE `" + column + "` = :value")
                .bind("value", value)
                .mapTo(Long.class)
                .one();
    }
}
