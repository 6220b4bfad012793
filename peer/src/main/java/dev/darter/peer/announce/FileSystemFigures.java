package dev.darter.peer.announce;

import dev.darter.core.HostReport;
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

/**
 * Space and inodes of a file system. Space comes from the JDK; inodes only from {@code statvfs(3)}, whose result on 64-bit
 * Linux, glibc and musl alike, begins with eight 64-bit numbers: bsize, frsize, blocks, bfree, bavail, files, ffree, favail.
 */
final class FileSystemFigures {
    /** More than the structure takes anywhere. */
    private static final long STATVFS_BYTES = 256;

    private static final int FILES = 5;
    private static final int FILES_FREE = 6;

    private final Optional<MethodHandle> statvfs;

    @SuppressWarnings("restricted") // native access is granted on the command line, Netty needs it as well
    FileSystemFigures() {
        boolean known =
                System.getProperty("os.name", "").equals("Linux") && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
        Linker linker = Linker.nativeLinker();
        statvfs = known
                ? linker.defaultLookup()
                        .find("statvfs")
                        .map(symbol -> linker.downcallHandle(
                                symbol,
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS)))
                : Optional.empty();
    }

    HostReport.Disk of(Path directory) {
        long total = 0;
        long free = 0;
        try {
            var store = Files.getFileStore(directory);
            total = store.getTotalSpace();
            free = store.getUsableSpace();
        } catch (IOException e) {
            // it may not be there yet
        }
        long[] inodes = inodes(directory);
        return new HostReport.Disk(
                total,
                free,
                total - free,
                percent(total - free, total),
                inodes[0],
                inodes[0] - inodes[1],
                inodes[1],
                percent(inodes[0] - inodes[1], inodes[0]));
    }

    /** How many there are and how many are free; zeros where the system does not say. */
    private long[] inodes(Path directory) {
        if (statvfs.isEmpty()) {
            return new long[2];
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(STATVFS_BYTES, Long.BYTES);
            int status = (int) statvfs.get().invokeExact(arena.allocateFrom(directory.toString()), result);
            return status != 0
                    ? new long[2]
                    : new long[] {
                        result.getAtIndex(ValueLayout.JAVA_LONG, FILES),
                        result.getAtIndex(ValueLayout.JAVA_LONG, FILES_FREE)
                    };
        } catch (Throwable e) {
            throw new IllegalStateException("statvfs", e); // the handle itself throws nothing
        }
    }

    static double percent(double part, double whole) {
        return whole <= 0 ? 0 : Math.clamp(100 * part / whole, 0, 100);
    }
}
