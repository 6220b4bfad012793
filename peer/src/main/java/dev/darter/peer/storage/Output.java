package dev.darter.peer.storage;

import dev.darter.core.CodedException;

/**
 * A place where a user wants content, filled while the content lands. The target shows nothing before {@link #finish}; closed without it,
 * nothing is left behind. Used by one thread.
 */
public interface Output extends AutoCloseable {
    /**
     * Copies what is readable by now, so that little is left to do at the end.
     *
     * @throws CodedException CLIENT_ERROR naming the target, if it cannot be written
     */
    void advance();

    /**
     * Puts complete content in its place.
     *
     * @throws CodedException CLIENT_ERROR naming the target, if it cannot be written or a byte is missing
     */
    void finish();

    @Override
    void close();
}
