package dev.darter.manager.cluster;

import dev.darter.manager.database.Database;
import java.util.List;

/** Applications whose downloads have a priority. Any thread may call it. */
public final class Applications {
    /** @param priority JSON: a value and rules for single URLs */
    public record Application(long id, String name, String url, String bio, String priority) {}

    private final Database database;

    public Applications(Database database) {
        this.database = database;
    }

    /** Those with a priority. */
    public List<Application> withPriority() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT * FROM `application` WHERE `is_del` = 0 AND `priority` <> '' ORDER BY `id`")
                        .map((row, _) -> new Application(
                                row.getLong("id"),
                                Rows.text(row, "name"),
                                Rows.text(row, "url"),
                                Rows.text(row, "bio"),
                                Rows.text(row, "priority")))
                        .list());
    }
}
