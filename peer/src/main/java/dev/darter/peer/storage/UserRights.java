package dev.darter.peer.storage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * File work with the rights of another user. Linux keeps the identity that file access is checked against per thread, so a
 * platform thread takes on the user's, does the work and dies with it; the kernel's own checks apply, not a second set of rules. Only a
 * process of root may do it.
 */
@SuppressWarnings("restricted")
final class UserRights {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SET_FS_UID =
            function("setfsuid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SET_FS_GID =
            function("setfsgid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    /** Not setgroups(3): the C library would change the groups of every thread. */
    private static final MethodHandle SYSCALL = function(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));

    /** Whether the thread is one that nobody interrupts, and has this process's rights. */
    private static final ScopedValue<Boolean> UNDISTURBED = ScopedValue.newInstance();

    private static final int ROOT = 0;
    private static final int NOBODY = -1; // no legal id: the call only tells the present one

    /** What is done on the thread. */
    interface Work {
        void run() throws IOException;
    }

    private UserRights() {}

    /**
     * Runs {@code work} with the rights of {@code user}, where that is not this process's own.
     *
     * @throws IOException what the work throws, or that this process may not act for others
     */
    static void runAs(Optional<UnixUser> user, Work work) throws IOException {
        int self = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (user.isEmpty() || user.get().uid() == self) {
            run(work);
        } else if (self == ROOT) {
            run(user.get(), work);
        } else {
            throw new IOException("the daemon runs as uid " + self + " and cannot act for uid "
                    + user.get().uid() + " (expected: the same user, or a daemon of root)");
        }
    }

    /** Runs {@code work} as {@code user} on a thread of its own and waits for it, whatever interrupts the caller. */
    private static void run(UnixUser user, Work work) throws IOException {
        onOwnThread(() -> {
            become(user);
            work.run();
        });
    }

    /** Runs {@code work} with this process's rights, on a thread that nobody interrupts: an interrupt would close the files it uses. */
    private static void run(Work work) throws IOException {
        if (UNDISTURBED.isBound()) {
            work.run();
            return;
        }
        onOwnThread(() -> ScopedValue.where(UNDISTURBED, true).call(() -> {
            work.run();
            return true;
        }));
    }

    private static void onOwnThread(Work work) throws IOException {
        var done = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().name("output").start(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable e) { // handed to the caller, whatever it is
                done.completeExceptionally(e);
            }
        });
        try {
            done.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IOException(e.getCause());
            }
        }
    }

    /** Groups first: the right to change them goes with the user id. */
    private static void become(UnixUser user) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int[] ids = user.groups().stream().mapToInt(Integer::intValue).toArray();
            MemorySegment groups = arena.allocateFrom(ValueLayout.JAVA_INT, ids.length == 0 ? new int[] {0} : ids);
            long refused = (long) SYSCALL.invokeExact(setGroups(), (long) ids.length, groups);
            var _ = (int) SET_FS_GID.invokeExact(user.gid());
            var _ = (int) SET_FS_UID.invokeExact(user.uid());
            boolean became = refused == 0
                    && (int) SET_FS_GID.invokeExact(NOBODY) == user.gid()
                    && (int) SET_FS_UID.invokeExact(NOBODY) == user.uid();
            if (!became) {
                throw new IOException(
                        "the daemon may not act for uid " + user.uid() + " (expected: a daemon that runs as root)");
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    private static long setGroups() throws IOException {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64" -> 116;
            case "aarch64" -> 159;
            default ->
                throw new IOException("this processor's number of setgroups is not known (expected: amd64 or aarch64)");
        };
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }
}
