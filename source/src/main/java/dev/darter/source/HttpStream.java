package dev.darter.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;

/** The body of an HTTP answer, or the part of it that was asked for. */
final class HttpStream implements SourceStream {
    private static final int CHUNK = 64 << 10;

    private final InputStream body;
    private final OptionalLong length;
    private final SourceInfo info;
    private final byte[] chunk = new byte[CHUNK];
    private final long bound;
    private final Duration patience;
    private final Thread watch;
    private long toSkip;
    private long delivered;

    /** When the read that is waiting now began ({@link System#nanoTime}, never 0); 0 while none is. */
    private volatile long waitingSince;

    private volatile boolean silent;

    HttpStream(Duration patience, InputStream body, OptionalLong length, SourceInfo info) {
        this(patience, body, length, info, 0, Long.MAX_VALUE);
    }

    /**
     * A part of the body.
     *
     * @param patience how long one read may wait
     * @param skip bytes of the body before the part
     * @param bound most bytes that the part may have
     */
    HttpStream(Duration patience, InputStream body, OptionalLong length, SourceInfo info, long skip, long bound) {
        this.patience = patience;
        this.body = body;
        this.length = length;
        this.info = info;
        this.toSkip = skip;
        this.bound = bound;
        this.watch = Thread.ofVirtual().name("origin-watch").start(this::watch);
    }

    /** The client waits for the next bytes for ever, so somebody else has to end that. */
    private void watch() {
        try {
            while (true) {
                Thread.sleep(patience.dividedBy(4));
                long since = waitingSince;
                if (since != 0 && System.nanoTime() - since > patience.toNanos()) {
                    silent = true;
                    close();
                    return;
                }
            }
        } catch (InterruptedException e) {
            // the stream is closed
        }
    }

    @Override
    public OptionalLong length() {
        return length;
    }

    @Override
    public SourceInfo info() {
        return info;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        skip();
        long left = Math.min(bound, length.orElse(Long.MAX_VALUE)) - delivered;
        if (left <= 0) {
            return -1;
        }
        int read = readBody((int) Math.min(left, Math.min(chunk.length, target.remaining())));
        if (read < 0) {
            if (length.isPresent()) {
                throw cutShort(delivered, length.getAsLong());
            }
            return -1;
        }
        target.put(chunk, 0, read);
        delivered += read;
        return read;
    }

    /** The client says of a connection that was cut only that it is closed; how much came is what helps. */
    private int readBody(int most) throws IOException {
        try {
            return waiting(() -> body.read(chunk, 0, most));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (silent) {
                throw new IOException(
                        "the origin sent nothing for " + patience.toMillis() + " ms after " + delivered + " bytes", e);
            }
            if (length.isPresent()) {
                throw new IOException(cutShort(delivered, length.getAsLong()).getMessage() + ": " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private interface Read<T> {
        T from() throws IOException;
    }

    private <T> T waiting(Read<T> read) throws IOException {
        waitingSince = System.nanoTime() | 1;
        try {
            return read.from();
        } finally {
            waitingSince = 0;
        }
    }

    private void skip() throws IOException {
        while (toSkip > 0) {
            long most = toSkip;
            long skipped = waiting(() -> body.skip(most));
            if (skipped <= 0 && body.read() < 0) {
                throw cutShort(0, bound);
            }
            toSkip -= Math.max(1, skipped);
        }
    }

    private static IOException cutShort(long got, long expected) {
        return new EOFException("the origin ended after " + got + " bytes (expected: " + expected + ")");
    }

    @Override
    public void close() {
        watch.interrupt();
        try {
            body.close();
        } catch (IOException e) {
            // whatever was still to come is of no interest
        }
    }
}
