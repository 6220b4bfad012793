package dev.darter.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** The body of an HTTP answer, or the part of it that was asked for. */
final class HttpStream implements SourceStream {
    private static final int CHUNK = 64 << 10;

    private final InputStream body;
    private final OptionalLong length;
    private final SourceInfo info;
    private final byte[] chunk = new byte[CHUNK];
    private final long bound;
    private long toSkip;
    private long delivered;

    HttpStream(InputStream body, OptionalLong length, SourceInfo info) {
        this(body, length, info, 0, Long.MAX_VALUE);
    }

    /**
     * A part of the body.
     *
     * @param skip bytes of the body before the part
     * @param bound most bytes that the part may have
     */
    HttpStream(InputStream body, OptionalLong length, SourceInfo info, long skip, long bound) {
        this.body = body;
        this.length = length;
        this.info = info;
        this.toSkip = skip;
        this.bound = bound;
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
            return body.read(chunk, 0, most);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (length.isPresent()) {
                throw new IOException(cutShort(delivered, length.getAsLong()).getMessage() + ": " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private void skip() throws IOException {
        while (toSkip > 0) {
            long skipped = body.skip(toSkip);
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
        try {
            body.close();
        } catch (IOException e) {
            // whatever was still to come is of no interest
        }
    }
}
