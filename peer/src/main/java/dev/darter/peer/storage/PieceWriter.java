package dev.darter.peer.storage;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Takes the bytes of one claimed piece in order. Used by one thread. Closing without commit gives the claim back; bytes
 * that were not published are thrown away.
 */
public interface PieceWriter extends AutoCloseable {
    int number();

    /** First byte of the piece within the content. */
    long offset();

    /** Bytes of the piece; the full piece length while the content length is unknown. */
    long length();

    /** Bytes taken so far. After a resume the first blocks may be here already: fetch from {@code offset + written}. */
    long written();

    /**
     * Says that the bytes come from the origin and are trusted as they are: every block is published as soon as it is
     * full. Without this call nothing is published before {@link #commit}. Must come before the first write.
     */
    void trust();

    /**
     * Appends bytes; takes all that remain in {@code bytes}.
     *
     * @throws IOException if they cannot be written
     * @throws CodedException CLIENT_ERROR if they are more than the piece holds
     */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * Verifies and publishes the piece: bytes, then journal, then readers are waked.
     *
     * @param expected what the parent claims the MD5 to be; empty when the bytes come from the origin
     * @return the piece with its digest
     * @throws CodedException CLIENT_PIECE_DOWNLOAD_FAIL if the bytes are too few (unless the content length is unknown) or
     *     have another digest; the claim is then given back by {@link #close}
     */
    Piece commit(Optional<Digest> expected) throws IOException;

    @Override
    void close();
}
