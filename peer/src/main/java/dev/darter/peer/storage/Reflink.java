package dev.darter.peer.storage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** One file that shares its blocks with another until either is written, where the file system can do that (XFS, btrfs). */
@SuppressWarnings("restricted")
final class Reflink implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = function(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle IOCTL = function(
            "ioctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final long FICLONE = 0x40049409L;
    private static final int READ_ONLY = 0;
    private static final int WRITE_ONLY = 1;
    private static final int CLOSE_ON_EXEC = 0x80000;

    private final int source;

    private Reflink(int source) {
        this.source = source;
    }

    /** Opens the file whose blocks are to be shared, with the rights of the calling thread. */
    static Reflink of(Path source) throws IOException {
        return new Reflink(open(source, READ_ONLY));
    }

    /** Makes {@code target}, which exists and is empty, share all blocks; whether the file system could. */
    boolean into(Path target) throws IOException {
        int descriptor = open(target, WRITE_ONLY);
        try {
            return (int) IOCTL.invokeExact(descriptor, FICLONE, source) == 0;
        } catch (Throwable e) {
            throw unforeseen(e);
        } finally {
            close(descriptor);
        }
    }

    @Override
    public void close() throws IOException {
        close(source);
    }

    private static int open(Path path, int how) throws IOException {
        int descriptor;
        try (Arena arena = Arena.ofConfined()) {
            descriptor = (int) OPEN.invokeExact(arena.allocateFrom(path.toString()), how | CLOSE_ON_EXEC);
        } catch (Throwable e) {
            throw unforeseen(e);
        }
        if (descriptor < 0) {
            throw new IOException(path + ": cannot be opened");
        }
        return descriptor;
    }

    private static void close(int descriptor) throws IOException {
        try {
            var _ = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw unforeseen(e);
        }
    }

    private static IOException unforeseen(Throwable e) {
        return new IOException(e);
    }

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }
}
