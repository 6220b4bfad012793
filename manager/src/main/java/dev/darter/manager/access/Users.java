package dev.darter.manager.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import dev.darter.manager.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/** Users and their passwords. Any thread may call it. */
public final class Users {
    private static final int COST = 10;

    /** Compared with when nobody has the name, so that a wrong name takes as long as a wrong password. */
    private static final String NOBODY = BCrypt.withDefaults().hashToString(COST, "nobody".toCharArray());

    /** Without the password, which never leaves this class. */
    public record User(
            long id,
            Instant createdAt,
            Instant updatedAt,
            String email,
            String name,
            String avatar,
            String phone,
            String state,
            String location,
            String bio) {}

    private static final RowMapper<User> USER = (row, _) -> new User(
            row.getLong("id"),
            instant(row, "created_at"),
            instant(row, "updated_at"),
            text(row, "email"),
            text(row, "name"),
            text(row, "avatar"),
            text(row, "phone"),
            text(row, "state"),
            text(row, "location"),
            text(row, "bio"));

    private final Database database;

    public Users(Database database) {
        this.database = database;
    }

    /** Makes the user {@code root} if there is no user; the id of the user that was made. */
    public Optional<Long> seedRoot(String password) {
        return database.jdbi().inTransaction(handle -> {
            long users = handle.createQuery("SELECT COUNT(*) FROM `user`")
                    .mapTo(Long.class)
                    .one();
            if (users > 0) {
                return Optional.<Long>empty();
            }
            String hash = BCrypt.withDefaults().hashToString(COST, password.toCharArray());
            return Optional.of(handle.createUpdate(
                            "INSERT INTO `user` (`is_del`, `email`, `name`, `encrypted_password`, `avatar`, `phone`, `private_token`, `state`, `location`, `bio`)"
                                    + " VALUES (0, '', 'root', :hash, '', '', '', 'enable', '', '')")
                    .bind("hash", hash)
                    .executeAndReturnGeneratedKeys("id")
                    .mapTo(Long.class)
                    .one());
        });
    }

    /** The user of that name and password, unless disabled. */
    public Optional<User> signIn(String name, String password) {
        record Found(User user, String hash) {}
        Optional<Found> found = database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT * FROM `user` WHERE `name` = :name AND `is_del` = 0")
                        .bind("name", name)
                        .map((row, context) -> new Found(USER.map(row, context), text(row, "encrypted_password")))
                        .findOne());
        String hash = found.map(Found::hash).filter(text -> !text.isEmpty()).orElse(NOBODY);
        boolean right = BCrypt.verifyer().verify(password.toCharArray(), hash.toCharArray()).verified;
        return right ? found.map(Found::user).filter(user -> user.state().equals("enable")) : Optional.empty();
    }

    public Optional<User> user(long id) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT * FROM `user` WHERE `id` = :id AND `is_del` = 0")
                        .bind("id", id)
                        .map(USER)
                        .findOne());
    }

    public List<User> all() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT * FROM `user` WHERE `is_del` = 0 ORDER BY `id`")
                        .map(USER)
                        .list());
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        var time = row.getTimestamp(column);
        return time == null ? Instant.EPOCH : time.toInstant();
    }
}
