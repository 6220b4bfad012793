package dev.darter.source;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What an origin says of its content.
 *
 * @param length bytes of the whole content; empty when the origin does not say
 * @param rangeable whether it answers a range with just that range
 * @param header the few response headers that travel with the content, names in canonical form (such as {@code Etag})
 */
public record SourceInfo(OptionalLong length, boolean rangeable, Map<String, String> header) {
    public SourceInfo {
        header = Map.copyOf(header);
    }
}
