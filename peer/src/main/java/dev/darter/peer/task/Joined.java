package dev.darter.peer.task;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.TaskContent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** What a request got: content that is here, or a place in the download that brings it. Any thread may call it. */
public final class Joined {
    private final Optional<Download> download;
    private final Optional<TaskContent> held;
    private final Optional<ByteRange> view;

    private Joined(Optional<Download> download, Optional<TaskContent> held, Optional<ByteRange> view) {
        this.download = download;
        this.held = held;
        this.view = view;
    }

    static Joined held(TaskContent content, Optional<ByteRange> view) {
        return new Joined(Optional.empty(), Optional.of(content), view);
    }

    static Joined running(Download download) {
        return new Joined(Optional.of(download), Optional.empty(), Optional.empty());
    }

    /** Whether nothing had to be fetched. */
    public boolean isLocal() {
        return held.isPresent();
    }

    /** Whether signed digests of all blocks are held, or will come as the origin is read. */
    public boolean signs() {
        return held.map(content -> content.proofs().isWhole())
                .or(() -> download.map(Download::signs))
                .orElseThrow();
    }

    /** The task whose content is shown; the whole content's for a range that is cut from it. */
    public TaskId task() {
        return held.map(TaskContent::task)
                .or(() -> download.map(Download::task))
                .orElseThrow();
    }

    public PeerId peer() {
        return held.map(TaskContent::peer)
                .or(() -> download.map(Download::peer))
                .orElseThrow();
    }

    /** Which bytes of the content were asked for, where that is not all of them. */
    public Optional<ByteRange> view() {
        return view;
    }

    /**
     * The content as it lands. A download that finds its origin changed begins anew with other content: ask again after
     * every wait.
     *
     * @throws IOException if storage has no place for it
     */
    public TaskContent content() throws IOException, InterruptedException {
        return held.isPresent() ? held.get() : download.orElseThrow().content();
    }

    public BytesBySource sources() {
        if (download.isPresent()) {
            return download.get().sources();
        }
        long bytes = view.map(ByteRange::length)
                .orElseGet(() -> held.orElseThrow().length().orElse(0));
        return new BytesBySource(bytes, 0, 0);
    }

    /** Bytes that are here of those that were asked for. */
    public long completedBytes() throws IOException, InterruptedException {
        return view.isPresent() ? view.get().length() : content().readableBytes();
    }

    /**
     * Waits for the end of the download.
     *
     * @return whether all bytes are here and were verified; false when the time is over
     * @throws CodedException what the download failed with
     */
    public boolean await(Duration timeout) throws InterruptedException {
        return download.isEmpty() || download.get().await(timeout);
    }
}
