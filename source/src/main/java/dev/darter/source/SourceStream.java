package dev.darter.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;

/** The body of an origin's answer. Used by one thread; must be closed, also when not read to its end. */
public interface SourceStream extends AutoCloseable {
    /** Bytes of this body; empty when the origin does not say. */
    OptionalLong length();

    /** What is known of the whole content. */
    SourceInfo info();

    /**
     * The few response headers that travel with the content, names in canonical form.
     */
    default Map<String, String> header() {
        return info().header();
    }

    /**
     * Reads the next bytes.
     *
     * @return bytes read, or -1 after the last one
     * @throws IOException if the connection broke, or ended before {@link #length} bytes
     */
    int read(ByteBuffer target) throws IOException;

    @Override
    void close();
}
