package dev.darter.manager.cluster;

import dev.darter.manager.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Schedulers and seed peers: their rows, and who of them is alive.
 *
 * <p><b>Alive.</b> A keepalive stream holds a <i>lease</i> on its row, under a name of its own, renewed with every message. The row is active as
 * long as somebody holds a lease on it that has not run out. The end of a stream gives back only its own lease, so the late end of an
 * old stream does not harm the new one; a manager that dies or stops leaves leases that run out; a client that dies without a word stops renewing.
 * Leases lie in the database, so several managers agree. Any thread may call it.
 */
public final class Instances {
    /** Two keepalive intervals of upstream's clients and some more. */
    private static final Duration LEASE = Duration.ofSeconds(16);

    /** Which table an instance lives in. */
    public enum Kind {
        SCHEDULER("scheduler", "scheduler_cluster_id"),
        SEED_PEER("seed_peer", "seed_peer_cluster_id");

        private final String table;
        private final String clusterColumn;

        Kind(String table, String clusterColumn) {
            this.table = table;
            this.clusterColumn = clusterColumn;
        }

        public String table() {
            return table;
        }
    }

    /** @param features JSON array of names */
    public record Scheduler(
            long id,
            Instant createdAt,
            Instant updatedAt,
            String hostname,
            String idc,
            String location,
            String ip,
            int port,
            String state,
            String features,
            long clusterId) {
        public boolean isActive() {
            return state.equals("active");
        }
    }

    public record SeedPeer(
            long id,
            Instant createdAt,
            Instant updatedAt,
            String hostname,
            String type,
            String idc,
            String location,
            String ip,
            int port,
            int downloadPort,
            int objectStoragePort,
            String state,
            long clusterId) {
        public boolean isActive() {
            return state.equals("active");
        }
    }

    private static final RowMapper<Scheduler> SCHEDULER = (row, _) -> new Scheduler(
            row.getLong("id"),
            Rows.instant(row, "created_at"),
            Rows.instant(row, "updated_at"),
            Rows.text(row, "host_name"),
            Rows.text(row, "idc"),
            Rows.text(row, "location"),
            Rows.text(row, "ip"),
            row.getInt("port"),
            Rows.text(row, "state"),
            Rows.text(row, "features"),
            row.getLong("scheduler_cluster_id"));

    private static final RowMapper<SeedPeer> SEED_PEER = (row, _) -> new SeedPeer(
            row.getLong("id"),
            Rows.instant(row, "created_at"),
            Rows.instant(row, "updated_at"),
            Rows.text(row, "host_name"),
            Rows.text(row, "type"),
            Rows.text(row, "idc"),
            Rows.text(row, "location"),
            Rows.text(row, "ip"),
            row.getInt("port"),
            row.getInt("download_port"),
            row.getInt("object_storage_port"),
            Rows.text(row, "state"),
            row.getLong("seed_peer_cluster_id"));

    private final Database database;
    private final InstantSource clock;

    public Instances(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** All schedulers that match the given columns. */
    public List<Scheduler> schedulers(Map<String, Object> where) {
        return database.jdbi().withHandle(handle -> select(handle, "scheduler", where, SCHEDULER));
    }

    public List<SeedPeer> seedPeers(Map<String, Object> where) {
        return database.jdbi().withHandle(handle -> select(handle, "seed_peer", where, SEED_PEER));
    }

    public Optional<Scheduler> scheduler(String hostname, long clusterId) {
        return schedulers(Map.of("host_name", hostname, "scheduler_cluster_id", clusterId)).stream()
                .findFirst();
    }

    public Optional<SeedPeer> seedPeer(String hostname, long clusterId) {
        return seedPeers(Map.of("host_name", hostname, "seed_peer_cluster_id", clusterId)).stream()
                .findFirst();
    }

    /** Inserts a row, inactive; its id. */
    public long create(Kind kind, Map<String, Object> columns) {
        var all = new LinkedHashMap<>(columns);
        all.putIfAbsent("state", "inactive");
        return database.jdbi().inTransaction(handle -> Rows.insert(handle, kind.table, all));
    }

    /** Writes the given columns; whether there was such a row. */
    public boolean update(Kind kind, long id, Map<String, Object> columns) {
        return database.jdbi().inTransaction(handle -> Rows.update(handle, kind.table, id, columns));
    }

    /** Whether there was such a row. */
    public boolean delete(Kind kind, long id) {
        return database.jdbi().inTransaction(handle -> {
            handle.execute("DELETE FROM `darter_lease` WHERE `kind` = ? AND `instance_id` = ?", kind.table, id);
            return handle.execute("DELETE FROM `" + kind.table + "` WHERE `id` = ?", id) > 0;
        });
    }

    /**
     * Takes or renews a lease and makes the row active.
     *
     * @param holder name of the stream, unique
     * @return whether there is such a row
     */
    public boolean keepAlive(Kind kind, String hostname, long clusterId, String holder) {
        return database.jdbi().inTransaction(handle -> {
            Optional<Long> id = handle.createQuery(
                            "SELECT `id` FROM `" + kind.table + "` WHERE `host_name` = :hostname AND `"
                                    + kind.clusterColumn + "` = :cluster AND `is_del` = 0 ORDER BY `id`")
                    .bind("hostname", hostname)
                    .bind("cluster", clusterId)
                    .mapTo(Long.class)
                    .findFirst();
            if (id.isEmpty()) {
                return false;
            }
            lease(handle, kind, id.get(), holder);
            handle.execute(
                    "UPDATE `" + kind.table
                            + "` SET `state` = 'active', `updated_at` = CURRENT_TIMESTAMP WHERE `id` = ? AND `state` <> 'active'",
                    id.get());
            return true;
        });
    }

    /** A stream is over: its lease, and only its lease, ends now. */
    public void endKeepAlive(Kind kind, String holder) {
        database.jdbi().useTransaction(handle -> {
            List<Long> ids = handle.createQuery(
                            "SELECT `instance_id` FROM `darter_lease` WHERE `kind` = :kind AND `holder` = :holder")
                    .bind("kind", kind.table)
                    .bind("holder", holder)
                    .mapTo(Long.class)
                    .list();
            ids.forEach(id -> end(handle, kind, id));
        });
    }

    /** Gives a row that became active without a stream the time of one lease to open it. */
    public void activate(Kind kind, long id) {
        database.jdbi().useTransaction(handle -> {
            lease(handle, kind, id, "registration");
            handle.execute("UPDATE `" + kind.table + "` SET `state` = 'active' WHERE `id` = ?", id);
        });
    }

    /** Makes rows inactive whose leases ran out; rows that are active without a lease get one, to prove themselves. */
    public void expire() {
        long now = clock.millis();
        for (Kind kind : Kind.values()) {
            database.jdbi().useTransaction(handle -> {
                List<Long> over = handle.createQuery(
                                "SELECT `instance_id` FROM `darter_lease` WHERE `kind` = :kind AND `expires_at` < :now")
                        .bind("kind", kind.table)
                        .bind("now", now)
                        .mapTo(Long.class)
                        .list();
                over.forEach(id -> end(handle, kind, id));
                List<Long> without = handle.createQuery(
                                "SELECT t.`id` FROM `" + kind.table + "` t LEFT JOIN `darter_lease` l"
                                        + " ON l.`kind` = :kind AND l.`instance_id` = t.`id` WHERE t.`state` = 'active' AND l.`instance_id` IS NULL")
                        .bind("kind", kind.table)
                        .mapTo(Long.class)
                        .list();
                without.forEach(id -> lease(handle, kind, id, "unknown"));
            });
        }
    }

    private void lease(Handle handle, Kind kind, long id, String holder) {
        long expires = clock.millis() + LEASE.toMillis();
        int renewed = handle.execute(
                "UPDATE `darter_lease` SET `holder` = ?, `expires_at` = ? WHERE `kind` = ? AND `instance_id` = ?",
                holder,
                expires,
                kind.table,
                id);
        if (renewed == 0) {
            handle.execute(
                    "INSERT INTO `darter_lease` (`kind`, `instance_id`, `holder`, `expires_at`) VALUES (?, ?, ?, ?)",
                    kind.table,
                    id,
                    holder,
                    expires);
        }
    }

    private static void end(Handle handle, Kind kind, long id) {
        handle.execute("DELETE FROM `darter_lease` WHERE `kind` = ? AND `instance_id` = ?", kind.table, id);
        handle.execute(
                "UPDATE `" + kind.table + "` SET `state` = 'inactive', `updated_at` = CURRENT_TIMESTAMP WHERE `id` = ?",
                id);
    }

    private static <T> List<T> select(Handle handle, String table, Map<String, Object> where, RowMapper<T> mapper) {
        var sql = new StringBuilder("SELECT * FROM `" + table + "` WHERE `is_del` = 0");
        where.keySet()
                .forEach(column ->
                        sql.append(" AND `").append(column).append("` = :").append(column));
        return handle.createQuery(sql.append(" ORDER BY `id`").toString())
                .bindMap(where)
                .map(mapper)
                .list();
    }
}
