package dev.darter.peer.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Who asked, as the kernel says (SO_PEERCRED): output is created with this user's rights and belongs to it.
 *
 * @param groups the supplementary groups; empty when nobody knows them
 */
public record UnixUser(int uid, int gid, List<Integer> groups) {
    public UnixUser {
        groups = List.copyOf(groups);
        if (uid < 0 || gid < 0) {
            throw new IllegalArgumentException("user: uid " + uid + ", gid " + gid + " (expected: both >= 0)");
        }
    }

    /**
     * The user of a process that still runs, with its supplementary groups where they can be read.
     *
     * @param pid 0 when it is unknown, as for a process in another namespace
     */
    public static UnixUser of(int uid, int gid, int pid) {
        return new UnixUser(
                uid, gid, pid > 0 ? groupsOf(uid, Path.of("/proc", Integer.toString(pid), "status")) : List.of());
    }

    /**
     * Opens a file for reading with the rights of this user; the caller closes it.
     *
     * @throws IOException if the user may not read it, or this process may not act for the user
     */
    public FileChannel openToRead(Path path) throws IOException {
        var opened = new AtomicReference<Optional<FileChannel>>(Optional.empty());
        UserRights.runAs(Optional.of(this), () -> opened.set(Optional.of(FileChannel.open(path))));
        return opened.get().orElseThrow();
    }

    /** A number may have gone to another process in the meantime: only one of the same user counts. */
    private static List<Integer> groupsOf(int uid, Path status) {
        try {
            List<String> lines = Files.readAllLines(status, UTF_8);
            List<Integer> uids = numbers(lines, "Uid:");
            return uids.contains(uid) ? numbers(lines, "Groups:") : List.of();
        } catch (IOException | NumberFormatException e) {
            return List.of();
        }
    }

    private static List<Integer> numbers(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .flatMap(line ->
                        Arrays.stream(line.substring(name.length()).strip().split("\\s+")))
                .filter(text -> !text.isEmpty())
                .map(Integer::valueOf)
                .toList();
    }
}
