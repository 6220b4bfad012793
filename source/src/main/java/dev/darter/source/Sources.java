package dev.darter.source;

import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import java.util.Locale;
import java.util.Map;

/** The source for every scheme that can be read. */
public final class Sources implements Source {
    private final Map<String, Source> byScheme;

    /** @param byScheme scheme in lower case to its source */
    public Sources(Map<String, Source> byScheme) {
        this.byScheme = Map.copyOf(byScheme);
    }

    /** HTTP and HTTPS. */
    public static Sources standard() {
        var http = new HttpSource();
        return new Sources(Map.of("http", http, "https", http));
    }

    @Override
    public SourceStream open(SourceRequest request) throws InterruptedException {
        return of(request.url()).open(request);
    }

    @Override
    public SourceInfo stat(SourceRequest request) throws InterruptedException {
        return of(request.url()).stat(request);
    }

    @Override
    public void close() {
        byScheme.values().forEach(Source::close);
    }

    private Source of(String url) {
        int colon = url.indexOf(':');
        String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
        Source source = byScheme.get(scheme);
        if (source == null) {
            String expected =
                    String.join(" or ", byScheme.keySet().stream().sorted().toList());
            throw new OriginException(
                    "url scheme: \"" + scheme + "\" (expected: " + expected + ")",
                    new OriginFailure(false, 0, "unknown scheme", Map.of()));
        }
        return source;
    }
}
