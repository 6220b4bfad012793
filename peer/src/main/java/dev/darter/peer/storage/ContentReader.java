package dev.darter.peer.storage;

import dev.darter.core.CodedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;

/** Reads content while it lands. Used by one thread; holds the content against collection until it is closed. */
public interface ContentReader extends AutoCloseable {
    /** How many bytes can be read at {@code position} without a gap, now; 0 when the next byte is not here. */
    long available(long position);

    /**
     * Waits until at least one byte at {@code position} can be read or no byte will ever come there. Who has waited reads in order from then
     * on, until the reader is closed: the download fetches first what it will wait for next.
     *
     * @return as {@link #available}; 0 when the content ends at or before {@code position}, or the time is over
     * @throws CodedException what the content failed with
     */
    long await(long position, Duration timeout) throws InterruptedException;

    /**
     * Reads bytes that {@link #available} counted.
     *
     * @return bytes read, at least 1 unless {@code target} is full
     */
    int read(long position, ByteBuffer target) throws IOException;

    /** The content file, for zero-copy transfers of bytes that {@link #available} counted. Never write to it. */
    FileChannel channel();

    @Override
    void close();
}
