package dev.darter.peer.storage;

import dev.darter.core.ByteRange;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a user wants content.
 *
 * @param target absolute; replaced at once when everything is there, its parent directories are made
 * @param part which bytes of the content; empty for all
 * @param at where in the target the first byte goes; what lies before is a hole
 * @param user whose rights decide and who owns the target; empty for this process's own
 */
public record Placement(Path target, Optional<ByteRange> part, long at, Optional<UnixUser> user) {
    public Placement {
        if (!target.isAbsolute() || target.getFileName() == null) {
            throw new IllegalArgumentException("output: " + target + " (expected: an absolute path of a file)");
        }
        if (at < 0) {
            throw new IllegalArgumentException("output offset: " + at + " (expected: >= 0)");
        }
    }

    /** All of the content, from the start of the target on. */
    public static Placement whole(Path target, Optional<UnixUser> user) {
        return new Placement(target, Optional.empty(), 0, user);
    }

    boolean isWhole() {
        return part.isEmpty() && at == 0;
    }
}
