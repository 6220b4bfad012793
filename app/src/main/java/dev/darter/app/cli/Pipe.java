package dev.darter.app.cli;

import dev.darter.core.Digest;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Set;

/**
 * Where the bytes of a download go when they are not put into a file by the daemon: standard output, a named pipe, a device. Used by one
 * thread.
 */
final class Pipe implements AutoCloseable {
    /** How standard output is called on a command line. */
    static final String STANDARD_OUTPUT = "-";

    private static final Set<String> NAMES = Set.of("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");
    private static final int FILE_TYPE = 0170000;
    private static final int FIFO = 0010000;
    private static final int SOCKET = 0140000;

    private final OutputStream out;
    private final Path target;
    private final MessageDigest sha256 = Digest.Algorithm.SHA256.newMessageDigest();
    private final boolean hashed;
    private long written;

    /** Whoever read the other end does not any more. */
    static final class ReaderGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        ReaderGone(IOException cause) {
            super(cause);
        }
    }

    /** @param hashed whether somebody wants to know the digest of what was written */
    Pipe(OutputStream out, Path target, boolean hashed) {
        this.out = out;
        this.target = target;
        this.hashed = hashed;
    }

    /** Opens what a user named; a named pipe waits for its reader. */
    static Pipe open(Wanted wanted, boolean hashed) {
        Path target = wanted.output();
        try {
            return new Pipe(
                    isStandardOutput(target) ? standardOutput() : Files.newOutputStream(target), target, hashed);
        } catch (IOException e) {
            throw new ToolException("output: " + target + " cannot be written: " + e.getMessage());
        }
    }

    /** Unbuffered, and one that tells of failures. */
    private static OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out);
    }

    static boolean isStandardOutput(Path output) {
        return NAMES.contains(output.toString());
    }

    /** Whether bytes can only be written there one after the other: a rename would put a file into its place. */
    static boolean isPipe(Path output) {
        return isStandardOutput(output)
                || (Files.exists(output) && !Files.isRegularFile(output) && !Files.isDirectory(output));
    }

    /**
     * Writes all of it.
     *
     * @throws ReaderGone if nobody reads any more
     * @throws ToolException if it cannot be written for another reason
     */
    void write(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        try {
            out.write(array);
        } catch (IOException e) {
            if (endsAtAReader()) {
                throw new ReaderGone(e);
            }
            throw failed(e);
        }
        written += array.length;
        if (hashed) {
            sha256.update(array);
        }
    }

    long written() {
        return written;
    }

    /** Of all that was written, lower-case hex; empty when nobody wanted to know. */
    String sha256() {
        return hashed ? Digest.hex(sha256.digest()) : "";
    }

    /** Whatever closes it first may learn only now that a disk was full. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ToolException failed(IOException cause) {
        return new ToolException("output: " + target + " cannot be written: " + cause.getMessage());
    }

    /** Writing to a pipe or socket fails for no other reason. */
    private boolean endsAtAReader() {
        try {
            int type = (int) Files.getAttribute(target, "unix:mode") & FILE_TYPE;
            return type == FIFO || type == SOCKET;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
