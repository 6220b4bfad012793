package dev.darter.source;

import dev.darter.core.OriginException;

/** A kind of origin that content can be read from. Any thread may call it; calls block. */
public interface Source extends AutoCloseable {
    /**
     * Sends one request for content and returns when the head of the answer is here.
     *
     * @throws OriginException if the origin cannot be reached, refuses, or answers something that was not asked
     */
    SourceStream open(SourceRequest request) throws InterruptedException;

    /**
     * Asks what the content is, without reading it. Never a HEAD, since signed URLs are signed for GET.
     *
     * @throws OriginException as for {@link #open}
     */
    SourceInfo stat(SourceRequest request) throws InterruptedException;

    @Override
    void close();
}
