package dev.darter.manager.cluster;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Reading and writing rows of upstream's tables, which all carry an id, two times and a flag. Column names come from our code only. */
final class Rows {
    private Rows() {}

    static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    /** Inserts and returns the new id. */
    static long insert(Handle handle, String table, Map<String, Object> columns) {
        List<String> names = new ArrayList<>(columns.keySet());
        String sql = "INSERT INTO `" + table + "` (`is_del`, "
                + String.join(", ", names.stream().map(name -> "`" + name + "`").toList()) + ") VALUES (0, "
                + String.join(", ", names.stream().map(name -> ":" + name).toList()) + ")";
        return handle.createUpdate(sql)
                .bindMap(columns)
                .executeAndReturnGeneratedKeys("id")
                .mapTo(Long.class)
                .one();
    }

    /** Whether there was such a row. */
    static boolean update(Handle handle, String table, long id, Map<String, Object> columns) {
        var sets = new ArrayList<String>(columns.keySet().stream()
                .map(name -> "`" + name + "` = :" + name)
                .toList());
        sets.add("`updated_at` = CURRENT_TIMESTAMP");
        return handle.createUpdate("UPDATE `" + table + "` SET " + String.join(", ", sets)
                                + " WHERE `id` = :row_id AND `is_del` = 0")
                        .bindMap(columns)
                        .bind("row_id", id)
                        .execute()
                > 0;
    }

    /** The embedded database does not count on from ids that were given by hand; the others do. */
    static void restartIds(Handle handle, String table) {
        try {
            if (!handle.getConnection().getMetaData().getDatabaseProductName().equals("H2")) {
                return;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not say what it is", e);
        }
        long next = handle.createQuery("SELECT COALESCE(MAX(`id`), 0) + 1 FROM `" + table + "`")
                .mapTo(Long.class)
                .one();
        handle.execute("ALTER TABLE `" + table + "` ALTER COLUMN `id` RESTART WITH " + next);
    }
}
