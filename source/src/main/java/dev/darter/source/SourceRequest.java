package dev.darter.source;

import dev.darter.core.ByteRange;
import java.util.Map;
import java.util.Optional;

/**
 * What to ask an origin for.
 *
 * @param url absolute
 * @param header sent as it is, except what belongs to the connection; a {@code Range} in it is ignored
 * @param range the wanted bytes; empty for all
 */
public record SourceRequest(String url, Map<String, String> header, Optional<ByteRange> range) {
    public SourceRequest {
        header = Map.copyOf(header);
    }

    public SourceRequest withRange(ByteRange newRange) {
        return new SourceRequest(url, header, Optional.of(newRange));
    }

    /** Names the headers, hides their values: they may be credentials. */
    @Override
    public String toString() {
        return "SourceRequest[range=" + range + ", header=" + header.keySet() + "]";
    }
}
