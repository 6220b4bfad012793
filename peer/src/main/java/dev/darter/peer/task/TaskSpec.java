package dev.darter.peer.task;

import dev.darter.core.ByteRange;
import dev.darter.core.Digest;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.source.SourceRequest;
import java.util.Optional;

/**
 * A request for content, understood: which task it names, and what its origin is to be asked for.
 *
 * @param url absolute
 * @param digest what the whole content must hash to
 * @param range which part of the URL's content is wanted, where the request names one; its end may lie behind the content
 */
public record TaskSpec(TaskId id, String url, UrlMeta meta, Optional<Digest> digest, Optional<ByteRange> range) {
    private static final int LENGTH_UNKNOWN = -1;

    /** @throws IllegalArgumentException if the digest or the range has a form that nobody understands */
    public static TaskSpec of(String url, UrlMeta meta) {
        return of(TaskId.v1(url, meta), url, meta);
    }

    /**
     * A request that came with its id: a scheduler may have spelled the range otherwise than the peer that it asks for.
     *
     * @throws IllegalArgumentException as {@link #of(String, UrlMeta)}
     */
    public static TaskSpec of(TaskId id, String url, UrlMeta meta) {
        return new TaskSpec(
                id,
                url,
                meta,
                meta.digest().isEmpty() ? Optional.empty() : Optional.of(Digest.parse(meta.digest())),
                meta.range().isEmpty() ? Optional.empty() : Optional.of(ByteRange.parse(meta.range(), LENGTH_UNKNOWN)));
    }

    /** The task that holds the whole content; this one where no range is wanted. */
    public TaskSpec whole() {
        return range.isEmpty() ? this : of(url, meta.withRange(""));
    }

    SourceRequest toSource() {
        return new SourceRequest(url, meta.header(), range);
    }
}
