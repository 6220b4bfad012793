package dev.darter.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.core.ByteRange;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * HTTP and HTTPS origins. Certificates are verified. Redirects are followed, and credentials stay behind when one leads to another
 * host. Content comes as the origin stores it: no compression is asked for.
 */
public final class HttpSource implements Source {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int MAX_REDIRECTS = 10;
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** Answers that asking again does not change. */
    private static final Set<Integer> PERMANENT = Set.of(401, 403, 404, 407);

    /** What belongs to a connection and not to a request, and what we set ourselves. */
    private static final Set<String> NOT_FORWARDED = Set.of(
            "accept-encoding",
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "range",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    /** All that goes along when a redirect leads to another host: any other header may be a credential for the first one. */
    private static final Set<String> HARMLESS = Set.of(
            "accept",
            "accept-language",
            "cache-control",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "pragma");

    /** The headers of an answer that travel with content, as upstream spells them. Never credentials. */
    private static final String[] PASSED_ON = {
        "Content-Type", "Content-Encoding", "Www-Authenticate", "Last-Modified", "Etag"
    };

    private final Duration patience;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(Thread::startVirtualThread)
            .build();

    public HttpSource() {
        this(SILENCE);
    }

    /** @param patience how long an origin may be silent, before its answer and within it */
    HttpSource(Duration patience) {
        this.patience = patience;
    }

    @Override
    public SourceStream open(SourceRequest request) throws InterruptedException {
        HttpResponse<InputStream> answer = send(request);
        int status = answer.statusCode();
        if (status != OK && status != PARTIAL) {
            throw refused(answer);
        }
        Optional<ContentRange> said = ContentRange.of(answer);
        if (request.range().isEmpty()) {
            if (status == PARTIAL) {
                closeQuietly(answer.body());
                throw wrong(answer, "206 although no range was asked for");
            }
            OptionalLong length = contentLength(answer);
            return new HttpStream(
                    patience, answer.body(), length, new SourceInfo(length, acceptsRanges(answer), passedOn(answer)));
        }
        return ranged(request.range().get(), answer, said);
    }

    /** A range came as asked, or the origin sent everything and we take our part of it; never bytes from another place. */
    private SourceStream ranged(ByteRange wanted, HttpResponse<InputStream> answer, Optional<ContentRange> said) {
        if (answer.statusCode() == OK) {
            OptionalLong total = contentLength(answer);
            if (total.isPresent() && wanted.start() >= total.getAsLong()) {
                closeQuietly(answer.body());
                throw new OriginException(
                        "range: " + wanted.toHttpHeader() + " (expected: a start before the end of " + total.getAsLong()
                                + " bytes)",
                        new OriginFailure(false, RANGE_NOT_SATISFIABLE, "416 Range Not Satisfiable", Map.of()));
            }
            OptionalLong length = total.isPresent()
                    ? OptionalLong.of(Math.min(wanted.length(), total.getAsLong() - wanted.start()))
                    : OptionalLong.empty();
            var info = new SourceInfo(total, false, passedOn(answer));
            return new HttpStream(patience, answer.body(), length, info, wanted.start(), wanted.length());
        }
        if (said.isEmpty() || said.get().first() != wanted.start() || said.get().last() >= wanted.end()) {
            closeQuietly(answer.body());
            throw wrong(
                    answer,
                    "Content-Range "
                            + answer.headers().firstValue("Content-Range").orElse("missing") + " for "
                            + wanted.toHttpHeader());
        }
        long length = said.get().last() - said.get().first() + 1;
        var info = new SourceInfo(said.get().total(), true, passedOn(answer));
        return new HttpStream(patience, answer.body(), OptionalLong.of(length), info);
    }

    @Override
    public SourceInfo stat(SourceRequest request) throws InterruptedException {
        HttpResponse<InputStream> answer = send(request.withRange(new ByteRange(0, 1)));
        closeQuietly(answer.body());
        return switch (answer.statusCode()) {
            case PARTIAL ->
                new SourceInfo(
                        ContentRange.of(answer).map(ContentRange::total).orElse(OptionalLong.empty()),
                        true,
                        passedOn(answer));
            case OK -> new SourceInfo(contentLength(answer), false, passedOn(answer));
            // Empty content has no first byte to give.
            case RANGE_NOT_SATISFIABLE -> {
                String said = answer.headers().firstValue("Content-Range").orElse("bytes */0");
                if (!said.strip().equals("bytes */0")) {
                    throw wrong(answer, "416 for the first byte, with Content-Range " + said);
                }
                yield new SourceInfo(OptionalLong.of(0), false, passedOn(answer));
            }
            default -> throw refused(answer);
        };
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpResponse<InputStream> send(SourceRequest request) throws InterruptedException {
        URI target = parse(request.url());
        boolean sameHost = true;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<InputStream> answer = sendOnce(target, request, sameHost);
            Optional<String> location = answer.headers().firstValue("Location");
            if (answer.statusCode() / 100 != 3 || location.isEmpty()) {
                return answer;
            }
            closeQuietly(answer.body());
            URI next = target.resolve(parse(location.get()));
            checkScheme(next);
            sameHost &= sameOrigin(target, next);
            target = next;
        }
        throw new OriginException(
                "origin " + target.getHost() + ": more than " + MAX_REDIRECTS + " redirects (expected: content)",
                new OriginFailure(false, 0, "too many redirects", Map.of()));
    }

    private HttpResponse<InputStream> sendOnce(URI target, SourceRequest request, boolean sameHost)
            throws InterruptedException {
        HttpRequest.Builder builder;
        try {
            builder = HttpRequest.newBuilder(target).timeout(patience).header("User-Agent", "darter");
            if (sameHost && target.getUserInfo() != null) {
                builder.setHeader("Authorization", basic(target.getUserInfo()));
            }
            for (var field : request.header().entrySet()) {
                String name = field.getKey().toLowerCase(Locale.ROOT);
                if (!NOT_FORWARDED.contains(name) && (sameHost || HARMLESS.contains(name))) {
                    builder.setHeader(field.getKey(), field.getValue());
                }
            }
        } catch (IllegalArgumentException e) {
            throw unreachable(target, "a URL or header cannot be sent: " + e.getMessage(), false, e);
        }
        request.range().ifPresent(range -> builder.setHeader("Range", range.toHttpHeader()));
        try {
            return client.send(builder.build(), BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException e) {
            throw unreachable(target, "no answer within " + patience.toMillis() + " ms", true, e);
        } catch (IllegalArgumentException e) {
            throw unreachable(target, "the URL cannot be asked: " + e.getMessage(), false, e);
        } catch (SSLHandshakeException e) {
            throw unreachable(target, "its certificate is not trusted: " + reason(e), false, e);
        } catch (SSLException e) {
            throw unreachable(target, "TLS failed: " + reason(e), true, e);
        } catch (IOException e) {
            throw unreachable(target, reason(e), true, e);
        }
    }

    private static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(UTF_8));
    }

    private static URI parse(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new OriginException(
                    "url: cannot be parsed (expected: http:// or https:// and a host)",
                    new OriginFailure(false, 0, "bad url", Map.of()),
                    e);
        }
    }

    private static void checkScheme(URI target) {
        String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new OriginException(
                    "redirect to scheme " + scheme + " (expected: http or https)",
                    new OriginFailure(false, 0, "bad redirect", Map.of()));
        }
    }

    private static boolean sameOrigin(URI a, URI b) {
        return String.valueOf(a.getScheme()).equalsIgnoreCase(b.getScheme())
                && String.valueOf(a.getHost()).equalsIgnoreCase(b.getHost())
                && a.getPort() == b.getPort();
    }

    private static OptionalLong contentLength(HttpResponse<?> answer) {
        return answer.headers().firstValueAsLong("Content-Length");
    }

    private static boolean acceptsRanges(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("Accept-Ranges")
                .filter(value -> value.equalsIgnoreCase("bytes"))
                .isPresent();
    }

    private static Map<String, String> passedOn(HttpResponse<?> answer) {
        var header = new HashMap<String, String>();
        for (String name : PASSED_ON) {
            answer.headers().firstValue(name).ifPresent(value -> header.put(name, value));
        }
        return header;
    }

    private static OriginException refused(HttpResponse<InputStream> answer) {
        closeQuietly(answer.body());
        int status = answer.statusCode();
        String text = status + " " + reasonPhrase(status);
        return OriginException.refused(
                answer.uri().getHost(),
                new OriginFailure(!PERMANENT.contains(status), status, text.strip(), passedOn(answer)));
    }

    private static OriginException wrong(HttpResponse<?> answer, String what) {
        return new OriginException(
                "origin " + answer.uri().getHost() + ": " + what + " (expected: what was asked for)",
                new OriginFailure(true, answer.statusCode(), what, Map.of()));
    }

    private static OriginException unreachable(URI target, String reason, boolean temporary, Exception cause) {
        return new OriginException(
                "origin " + target.getHost() + (target.getPort() > 0 ? ":" + target.getPort() : "") + ": " + reason,
                new OriginFailure(temporary, 0, reason, Map.of()),
                cause);
    }

    /** The JDK wraps what matters, and often gives it no words. */
    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return "the host name is unknown (expected: one that resolves)";
            }
        }
        Throwable cause = failure;
        while (cause.getMessage() == null && cause.getCause() != null && !(cause instanceof ConnectException)) {
            cause = cause.getCause();
        }
        if (cause.getMessage() != null) {
            return cause.getMessage();
        }
        return cause instanceof ConnectException
                ? "connection refused (expected: an origin that listens there)"
                : cause.getClass().getSimpleName();
    }

    private static String reasonPhrase(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 407 -> "Proxy Authentication Required";
            case 410 -> "Gone";
            case 416 -> "Requested Range Not Satisfiable";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "";
        };
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // the answer is of no interest any more
        }
    }
}
