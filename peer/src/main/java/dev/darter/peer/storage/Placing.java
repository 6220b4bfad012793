package dev.darter.peer.storage;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/**
 * Puts content where a user wants it: first under a temporary name beside the target, then renamed over it, so that nobody ever
 * sees half a file. Whole content is a reflink where the file system can do that, else a copy: a hard link would let its owner
 * change what is served to others.
 */
final class Placing {
    private final ContentReader reader;
    private final Path data;
    private final long length;
    private final Placement placement;
    private final Path target;

    /** @param data the content file that {@code reader} reads */
    Placing(ContentReader reader, Path data, long length, Placement placement) {
        this.reader = reader;
        this.data = data;
        this.length = length;
        this.placement = placement;
        this.target = placement.target();
    }

    /**
     * Does it.
     *
     * @throws CodedException CLIENT_ERROR naming the target, if it cannot be written or a byte is missing
     */
    void place() {
        try {
            try (Reflink source = Reflink.of(data)) {
                UserRights.runAs(placement.user(), () -> write(source));
            }
        } catch (IOException e) {
            throw new CodedException(ErrorCode.CLIENT_ERROR, "output " + target + ": " + reason(e), e);
        }
    }

    private void write(Reflink source) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException("is a directory (expected: the path of a file)");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            // A device or pipe is written to; replacing it would take it from everybody.
            try (FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
                copy(out, false);
            }
            return;
        }
        Path directory = Objects.requireNonNull(target.getParent(), "an absolute path of a file has a directory");
        Files.createDirectories(directory);
        Path temporary = directory.resolve("." + UUID.randomUUID() + ".darter");
        try {
            fill(temporary, source);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary); // it is still there after a failure
        }
    }

    private void fill(Path temporary, Reflink source) throws IOException {
        try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            boolean shared = placement.isWhole() && length > 0 && source.into(temporary);
            if (!shared) {
                copy(out, true);
            }
        }
    }

    private void copy(FileChannel out, boolean seekable) throws IOException {
        long from = placement.part().map(ByteRange::start).orElse(0L);
        long to = placement.part().map(ByteRange::end).orElse(length);
        if (seekable) {
            out.position(placement.at());
        }
        for (long position = from; position < to; ) {
            long here = Math.min(reader.available(position), to - position);
            long copied = here > 0 ? reader.channel().transferTo(position, here, out) : 0;
            if (copied <= 0) {
                throw new IOException("the content has no byte at " + position + " (expected: bytes up to " + to + ")");
            }
            position += copied;
        }
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
