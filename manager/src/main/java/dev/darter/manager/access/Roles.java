package dev.darter.manager.access;

import dev.darter.manager.database.Database;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Who may do what, in upstream's table of rules: {@code p, role, object, action} and {@code g, user id, role}. Read from the database for every
 * decision, so that managers that share it agree at once. Any thread may call it.
 */
public final class Roles {
    /** What the API has, by the first part of its paths. */
    private static final List<String> OBJECTS = List.of(
            "applications",
            "buckets",
            "clusters",
            "configs",
            "jobs",
            "models",
            "oauth",
            "peers",
            "permissions",
            "personal-access-tokens",
            "roles",
            "scheduler-clusters",
            "schedulers",
            "seed-peer-clusters",
            "seed-peers",
            "users");

    private final Database database;

    public Roles(Database database) {
        this.database = database;
    }

    /** Makes the rules of the two roles that always exist. */
    public void seed() {
        database.jdbi().useTransaction(handle -> {
            for (String object : OBJECTS) {
                addRule(handle, "p", "root", object, "*");
                addRule(handle, "p", "guest", object, "read");
            }
        });
    }

    public void assign(long user, String role) {
        database.jdbi().useTransaction(handle -> addRule(handle, "g", Long.toString(user), role, ""));
    }

    /** Names of the roles of a user. */
    public List<String> of(long user) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT `v1` FROM `casbin_rule` WHERE `ptype` = 'g' AND `v0` = :user ORDER BY `id`")
                        .bind("user", Long.toString(user))
                        .mapTo(String.class)
                        .list());
    }

    /**
     * Whether a user may touch an object.
     *
     * @param write whether he wants to change it
     */
    public boolean may(long user, String object, boolean write) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                        "SELECT COUNT(*) FROM `casbin_rule` p JOIN `casbin_rule` g ON g.`v1` = p.`v0`"
                                                + " WHERE p.`ptype` = 'p' AND g.`ptype` = 'g' AND g.`v0` = :user AND p.`v1` = :object"
                                                + " AND (p.`v2` = '*' OR p.`v2` = :action)")
                                .bind("user", Long.toString(user))
                                .bind("object", object)
                                .bind("action", write ? "*" : "read")
                                .mapTo(Long.class)
                                .one()
                        > 0);
    }

    private static void addRule(Handle handle, String type, String v0, String v1, String v2) {
        long there = handle.createQuery(
                        "SELECT COUNT(*) FROM `casbin_rule` WHERE `ptype` = :type AND `v0` = :v0 AND `v1` = :v1 AND COALESCE(`v2`, '') = :v2")
                .bind("type", type)
                .bind("v0", v0)
                .bind("v1", v1)
                .bind("v2", v2)
                .mapTo(Long.class)
                .one();
        if (there == 0) {
            // Unused columns hold empty texts, not nulls, as upstream writes them: else its unique index would not
            // hold.
            handle.execute(
                    "INSERT INTO `casbin_rule` (`ptype`, `v0`, `v1`, `v2`, `v3`, `v4`, `v5`) VALUES (?, ?, ?, ?, '', '', '')",
                    type,
                    v0,
                    v1,
                    v2);
        }
    }
}
