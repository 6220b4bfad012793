package dev.darter.peer.storage;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts content where a user wants it: first under a temporary name beside the target, then renamed over it, so that nobody ever
 * sees half a file. Whole content is a reflink where the file system can do that, else a copy: a hard link would let its owner
 * change what is served to others.
 *
 * <p>A copy is made along with the download ({@link #advance}): after its last byte only that byte is left to copy, and not a file that may
 * be larger than memory. Used by one thread.
 */
final class Placing implements Output {
    private static final Logger LOG = LoggerFactory.getLogger(Placing.class);
    private static final int LONGEST_NAME = 200;

    /** Temporary files that somebody of this process writes; others of such a name are left from a process that was killed. */
    private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

    private final DiskContent content;
    private final ContentReader reader;
    private final Placement placement;
    private final Path target;
    private final BitSet copied = new BitSet();
    private Optional<Opened> opened = Optional.empty();

    /**
     * Where the bytes go.
     *
     * @param temporary to be renamed to the target; empty for a device or pipe, which is written to: replacing it would take it from everybody
     * @param shares whether the file system makes a reflink of it at the end
     */
    private record Opened(FileChannel out, Optional<Path> temporary, boolean shares) {}

    /** @param reader of {@code content}; closed by {@link #close} */
    Placing(DiskContent content, ContentReader reader, Placement placement) {
        this.content = content;
        this.reader = reader;
        this.placement = placement;
        this.target = placement.target();
    }

    @Override
    public void advance() {
        work(() -> {
            Opened to = open();
            if (to.shares || to.temporary.isEmpty() || placement.part().isPresent()) {
                return;
            }
            BitSet fresh = content.readableBlocks();
            fresh.andNot(copied);
            int blockLength = content.blockLength();
            for (int block = fresh.nextSetBit(0); block >= 0; block = fresh.nextSetBit(block + 1)) {
                long start = (long) block * blockLength;
                long length = Math.min(blockLength, reader.available(start));
                if (length > 0) {
                    copy(to.out, start, start + length, placement.at() + start);
                    copied.set(block);
                }
            }
        });
    }

    @Override
    public void finish() {
        work(() -> {
            Opened to = open();
            long length = content.length().orElseThrow();
            if (to.temporary.isEmpty()) {
                long from = placement.part().map(ByteRange::start).orElse(0L);
                copy(to.out, from, placement.part().map(ByteRange::end).orElse(length), -1);
                to.out.close();
                return;
            }
            if (!to.shares || !share(to.temporary.get())) {
                copyRest(to.out, length);
            }
            to.out.close();
            UserRights.runAs(
                    placement.user(),
                    () -> Files.move(
                            to.temporary.get(),
                            target,
                            StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING));
            IN_USE.remove(to.temporary.get());
            opened = Optional.empty();
        });
    }

    private void copyRest(FileChannel out, long length) throws IOException {
        if (placement.part().isPresent()) {
            ByteRange part = placement.part().get();
            copy(out, part.start(), part.end(), placement.at());
            return;
        }
        int blockLength = Math.max(1, content.blockLength());
        for (long start = 0; start < length; start += blockLength) {
            if (!copied.get((int) (start / blockLength))) {
                copy(out, start, Math.min(length, start + blockLength), placement.at() + start);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    /** On a thread that nobody interrupts: an interrupt would close the files. */
    private void work(Work work) {
        try {
            UserRights.runAs(Optional.empty(), work::run);
        } catch (IOException e) {
            throw new CodedException(ErrorCode.CLIENT_ERROR, "output " + target + ": " + reason(e), e);
        }
    }

    // ---- where the bytes go

    private Opened open() throws IOException {
        if (opened.isEmpty()) {
            UserRights.runAs(placement.user(), () -> opened = Optional.of(create()));
            Opened plain = opened.orElseThrow();
            boolean shares = plain.temporary.isPresent() && placement.isWhole() && share(plain.temporary.get());
            opened = Optional.of(new Opened(plain.out, plain.temporary, shares));
        }
        return opened.get();
    }

    private Opened create() throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException("is a directory (expected: the path of a file)");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            return new Opened(FileChannel.open(target, StandardOpenOption.WRITE), Optional.empty(), false);
        }
        Path directory = Objects.requireNonNull(target.getParent(), "an absolute path of a file has a directory");
        Files.createDirectories(directory);
        // The same name every time, so that the next try takes away what a killed process left.
        String name = target.getFileName().toString();
        Path wanted = directory.resolve("." + name + ".darter");
        if (name.length() <= LONGEST_NAME && IN_USE.add(wanted)) {
            try {
                if (Files.isRegularFile(wanted, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(wanted);
                }
                return new Opened(createNew(wanted), Optional.of(wanted), false);
            } catch (AccessDeniedException | FileAlreadyExistsException e) {
                IN_USE.remove(wanted); // somebody else's
            } catch (IOException e) {
                IN_USE.remove(wanted);
                throw e;
            }
        }
        Path other = directory.resolve("." + UUID.randomUUID() + ".darter");
        return new Opened(createNew(other), Optional.of(other), false);
    }

    private static FileChannel createNew(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private boolean share(Path temporary) throws IOException {
        if (content.length().orElse(0) == 0) {
            return false;
        }
        var shared = new AtomicBoolean();
        try (Reflink source = Reflink.of(content.dataFile())) {
            UserRights.runAs(placement.user(), () -> shared.set(source.into(temporary)));
        }
        return shared.get();
    }

    /** @param at where in {@code out}; -1 for where it is */
    private void copy(FileChannel out, long from, long to, long at) throws IOException {
        if (at >= 0) {
            out.position(at);
        }
        for (long position = from; position < to; ) {
            long here = Math.min(reader.available(position), to - position);
            long done = here > 0 ? reader.channel().transferTo(position, here, out) : 0;
            if (done <= 0) {
                throw new IOException("the content has no byte at " + position + " (expected: bytes up to " + to + ")");
            }
            position += done;
        }
    }

    @Override
    public void close() {
        opened.ifPresent(unfinished -> {
            try {
                unfinished.out.close();
                if (unfinished.temporary.isPresent()) {
                    Path temporary = unfinished.temporary.get();
                    UserRights.runAs(placement.user(), () -> Files.deleteIfExists(temporary));
                    IN_USE.remove(temporary);
                }
            } catch (IOException e) {
                LOG.atWarn()
                        .addKeyValue("output", target)
                        .addKeyValue("reason", reason(e))
                        .log("what was written of an output was not removed");
            }
        });
        reader.close();
    }

    /** The kernel's words without the names of the two files that only we know. */
    private static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied (expected: a place that the user may write)";
            case NoSuchFileException _ -> "no such directory";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }
}
