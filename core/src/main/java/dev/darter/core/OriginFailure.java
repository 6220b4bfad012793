package dev.darter.core;

import java.util.Map;

/**
 * What an origin answered instead of content.
 *
 * @param temporary whether asking again later may help; false for 401, 403, 404 and 407
 * @param statusCode HTTP status; 0 when the origin did not answer at all
 * @param status such as {@code 404 Not Found}; the reason when there was no answer
 * @param header the few response headers that callers are shown
 */
public record OriginFailure(boolean temporary, int statusCode, String status, Map<String, String> header) {
    private static final int FORBIDDEN = 403;
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;

    public OriginFailure {
        header = Map.copyOf(header);
    }

    /** Whether another host may fare better: there was no answer, one for the moment, or one that a gateway on the way may have given. */
    public boolean mayBeOnlyHere() {
        return temporary || statusCode == 0 || statusCode == FORBIDDEN || statusCode == PROXY_AUTHENTICATION_REQUIRED;
    }
}
