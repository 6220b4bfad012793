package dev.darter.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darter.core.ByteRange;
import dev.darter.core.OriginException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP origins answer, and what we make of it. */
@Timeout(60)
final class HttpSourceIT {
    private static final String CONTENT = "0123456789";

    private final HttpSource source = new HttpSource();

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void readsWhatTheOriginSends() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nAccept-Ranges: bytes\r\n"
                + "ETag: \"v1\"\r\nSet-Cookie: secret=1\r\nContent-Type: text/plain\r\n\r\n" + CONTENT)) {
            try (SourceStream stream = source.open(get(origin.url("/a?b=c")))) {
                assertThat(stream.length()).hasValue(10);
                assertThat(stream.info().rangeable()).isTrue();
                assertThat(stream.header())
                        .containsExactlyInAnyOrderEntriesOf(Map.of("Etag", "\"v1\"", "Content-Type", "text/plain"));
                assertThat(text(stream)).isEqualTo(CONTENT);
            }
            assertThat(origin.requests().getFirst().target()).isEqualTo("/a?b=c");
        }
    }

    @Test
    void readsContentOfUnknownLengthToItsEnd() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\n\r\n" + CONTENT);
                SourceStream stream = source.open(get(origin.url("/")))) {
            assertThat(stream.length()).isEmpty();
            assertThat(text(stream)).isEqualTo(CONTENT);
        }
        try (var origin = RawOrigin.saying(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n");
                SourceStream stream = source.open(get(origin.url("/")))) {
            assertThat(stream.length()).isEmpty();
            assertThat(text(stream)).isEqualTo(CONTENT);
        }
    }

    @Test
    void aBodyThatIsCutShortIsAnError() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
                SourceStream stream = source.open(get(origin.url("/")))) {
            assertThatIOException()
                    .isThrownBy(() -> text(stream))
                    .withMessageStartingWith("the origin ended after 5 bytes (expected: 10)");
        }
        try (var origin =
                        RawOrigin.saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n45");
                SourceStream stream = source.open(get(origin.url("/")))) {
            assertThatIOException().isThrownBy(() -> text(stream));
        }
    }

    @Test
    void asksForARangeAndGetsJustThat() throws Exception {
        try (var origin = RawOrigin.saying(
                "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes 2-4/10\r\n\r\n234")) {
            try (SourceStream stream = source.open(get(origin.url("/")).withRange(new ByteRange(2, 3)))) {
                assertThat(stream.length()).hasValue(3);
                assertThat(stream.info().length()).hasValue(10);
                assertThat(stream.info().rangeable()).isTrue();
                assertThat(text(stream)).isEqualTo("234");
            }
            assertThat(origin.requests().getFirst().header("Range")).hasValue("bytes=2-4");
        }
    }

    @Test
    void takesItsPartWhereTheOriginIgnoresTheRange() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + CONTENT);
                SourceStream stream = source.open(get(origin.url("/")).withRange(new ByteRange(2, 3)))) {
            assertThat(stream.length()).hasValue(3);
            assertThat(stream.info().rangeable()).isFalse();
            assertThat(text(stream)).isEqualTo("234");
        }
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\n\r\n" + CONTENT);
                SourceStream stream = source.open(get(origin.url("/")).withRange(new ByteRange(8, 100)))) {
            assertThat(stream.length()).isEmpty();
            assertThat(text(stream)).isEqualTo("89");
        }
    }

    @Test
    void aRangeBehindTheEndIsRefusedForGood() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + CONTENT)) {
            OriginException failure = failure(get(origin.url("/")).withRange(new ByteRange(10, 1)));
            assertThat(failure.failure().statusCode()).isEqualTo(416);
            assertThat(failure.failure().temporary()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Range: bytes 3-5/10\r\n",
                "Content-Range: bytes 2-9/10\r\n",
                "Content-Range: bytes 2-4/3\r\n",
                "Content-Range: bytes 4-2/10\r\n",
                "Content-Range: lines 2-4/10\r\n",
                "Content-Range: bytes 2-99999999999999999999/10\r\n",
                "Content-Type: multipart/byteranges; boundary=x\r\n",
                ""
            })
    void bytesOfAnotherPlaceAreNeverTaken(String header) throws Exception {
        try (var origin =
                RawOrigin.saying("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n" + header + "\r\n234")) {
            OriginException failure = failure(get(origin.url("/")).withRange(new ByteRange(2, 3)));
            assertThat(failure).hasMessageContaining("Content-Range");
        }
    }

    @Test
    void partOfTheContentIsNotTheWhole() throws Exception {
        try (var origin = RawOrigin.saying(
                "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes 0-2/10\r\n\r\n012")) {
            assertThat(failure(get(origin.url("/")))).hasMessageContaining("206 although no range was asked for");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, false",
        "403, false",
        "404, false",
        "407, false",
        "408, true",
        "429, true",
        "500, true",
        "502, true",
        "503, true",
        "504, true"
    })
    void tellsRefusalsForGoodFromThoseThatPass(int status, boolean temporary) throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 " + status + " Whatever\r\nContent-Length: 2\r\n"
                + "WWW-Authenticate: Bearer realm=\"r\"\r\nContent-Type: text/html\r\n\r\nno")) {
            OriginException failure = failure(get(origin.url("/secret?signature=abc")));
            assertThat(failure.failure().statusCode()).isEqualTo(status);
            assertThat(failure.failure().temporary()).isEqualTo(temporary);
            assertThat(failure.failure().header()).containsEntry("Www-Authenticate", "Bearer realm=\"r\"");
            assertThat(failure)
                    .hasMessageContaining("origin 127.0.0.1: " + status)
                    .hasMessageContaining("(expected: ")
                    .hasMessageNotContaining("signature");
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @Test
    void asksForTheSizeWithAGet() throws Exception {
        try (var origin = RawOrigin.saying(
                "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\nContent-Range: bytes 0-0/10\r\n\r\n0")) {
            assertThat(source.stat(get(origin.url("/"))))
                    .isEqualTo(new SourceInfo(OptionalLong.of(10), true, Map.of()));
            assertThat(origin.requests().getFirst().lines().getFirst()).startsWith("GET ");
            assertThat(origin.requests().getFirst().header("Range")).hasValue("bytes=0-0");
        }
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + CONTENT)) {
            assertThat(source.stat(get(origin.url("/"))))
                    .isEqualTo(new SourceInfo(OptionalLong.of(10), false, Map.of()));
        }
        try (var origin =
                RawOrigin.saying(head("416 Range Not Satisfiable", "Content-Length: 0", "Content-Range: bytes */0"))) {
            assertThat(source.stat(get(origin.url("/"))).length()).hasValue(0);
        }
    }

    @Test
    void a416ThatNamesALengthIsNotEmptyContent() throws Exception {
        try (var origin =
                RawOrigin.saying(head("416 Range Not Satisfiable", "Content-Length: 0", "Content-Range: bytes */10"))) {
            assertThatExceptionOfType(OriginException.class).isThrownBy(() -> source.stat(get(origin.url("/"))));
        }
    }

    @Test
    void passesHeadersOnExceptThoseOfTheConnection() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            var header = Map.of(
                    "Authorization", "Bearer x",
                    "X-Mine", "1",
                    "If-Range", "\"v1\"",
                    "Range", "bytes=5-6",
                    "Connection", "upgrade",
                    "Accept-Encoding", "gzip",
                    "Host", "elsewhere");
            source.open(new SourceRequest(origin.url("/"), header, Optional.empty()))
                    .close();

            var request = origin.requests().getFirst();
            assertThat(request.header("Authorization")).hasValue("Bearer x");
            assertThat(request.header("X-Mine")).hasValue("1");
            assertThat(request.header("If-Range")).hasValue("\"v1\"");
            assertThat(request.header("Range")).isEmpty();
            assertThat(request.header("Accept-Encoding")).isEmpty();
            assertThat(request.header("Host")).hasValue("127.0.0.1:" + origin.port());
        }
    }

    @Test
    void aResumedFetchGetsTheWholeWhenTheContentChanged() throws Exception {
        try (var origin = RawOrigin.answering(
                        request -> request.header("If-Range").equals(Optional.of("\"v2\""))
                                ? "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n"
                                        + "ETag: \"v2\"\r\n\r\n56789"
                                : "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v2\"\r\n\r\nabcdefghij");
                SourceStream stream = source.open(new SourceRequest(
                        origin.url("/"), Map.of("If-Range", "\"v1\""), Optional.of(new ByteRange(5, 5))))) {
            // The caller sees from the validator that these are other bytes than those it has.
            assertThat(stream.info().rangeable()).isFalse();
            assertThat(stream.header()).containsEntry("Etag", "\"v2\"");
        }
    }

    @Test
    void credentialsStayBehindWhenARedirectLeadsToAnotherHost() throws Exception {
        try (var target = RawOrigin.saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + CONTENT);
                var origin = RawOrigin.saying(
                        "HTTP/1.1 302 Found\r\nLocation: " + target.url("/blob") + "\r\nContent-Length: 0\r\n\r\n")) {
            var header = Map.of("authorization", "Bearer x", "COOKIE", "c=1", "X-Token", "t", "Accept", "text/plain");
            try (SourceStream stream = source.open(new SourceRequest(origin.url("/"), header, Optional.empty()))) {
                assertThat(text(stream)).isEqualTo(CONTENT);
            }
            var first = origin.requests().getFirst();
            assertThat(first.header("Authorization")).hasValue("Bearer x");
            assertThat(first.header("X-Token")).hasValue("t");
            var second = target.requests().getFirst();
            assertThat(second.header("Authorization")).isEmpty();
            assertThat(second.header("Cookie")).isEmpty();
            assertThat(second.header("X-Token")).isEmpty();
            assertThat(second.header("Accept")).hasValue("text/plain");
        }
    }

    @Test
    void credentialsDoNotComeBackWithARedirectHome() throws Exception {
        try (var foreign = RawOrigin.answering(request -> "HTTP/1.1 302 Found\r\nLocation: "
                        + request.target().substring(2) + "\r\nContent-Length: 0\r\n\r\n");
                var origin = RawOrigin.answering(request -> request.target().equals("/end")
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                        : "HTTP/1.1 302 Found\r\nLocation: "
                                + foreign.url("/?http://127.0.0.1:"
                                        + request.header("Host").orElseThrow().split(":")[1] + "/end")
                                + "\r\nContent-Length: 0\r\n\r\n")) {
            source.open(new SourceRequest(origin.url("/"), Map.of("Authorization", "x"), Optional.empty()))
                    .close();
            assertThat(origin.requests().getLast().target()).isEqualTo("/end");
            assertThat(origin.requests().getLast().header("Authorization")).isEmpty();
        }
    }

    @Test
    void credentialsFollowARedirectOnTheSameHost() throws Exception {
        try (var origin = RawOrigin.answering(request -> request.target().equals("/end")
                ? head("206 Partial Content", "Content-Length: 1", "Content-Range: bytes 0-0/10") + "0"
                : "HTTP/1.1 307 Temporary Redirect\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n")) {
            source.open(new SourceRequest(
                            origin.url("/"), Map.of("Authorization", "x"), Optional.of(new ByteRange(0, 1))))
                    .close();
            assertThat(origin.requests().getLast().header("Authorization")).hasValue("x");
            assertThat(origin.requests().getLast().header("Range")).hasValue("bytes=0-0");
        }
    }

    @Test
    void redirectsEnd() throws Exception {
        try (var origin = RawOrigin.saying("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(failure(get(origin.url("/")))).hasMessageContaining("more than 10 redirects");
        }
        try (var origin =
                RawOrigin.saying("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(failure(get(origin.url("/")))).hasMessageContaining("redirect to scheme file");
        }
        try (var origin =
                RawOrigin.saying("HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(failure(get(origin.url("/")))).hasMessageContaining("url: ");
        }
    }

    @Test
    void anAnswerWithEndlessHeadersIsNotRead() throws Exception {
        String header = "X-Long: " + "x".repeat(1000) + "\r\n";
        try (var origin = RawOrigin.saying("HTTP/1.1 200 OK\r\n" + header.repeat(1000) + "\r\n" + CONTENT)) {
            assertThat(failure(get(origin.url("/")))).hasMessageStartingWith("origin 127.0.0.1:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"})
    void anAnswerThatIsNoHttpIsAFailureOfTheOrigin(String answer) throws Exception {
        try (var origin = RawOrigin.saying(answer)) {
            assertThat(failure(get(origin.url("/")))).hasMessageStartingWith("origin 127.0.0.1");
        }
    }

    @Test
    void anOriginThatCannotBeReachedMayBeTriedAgain() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        OriginException failure = failure(get("http://127.0.0.1:" + port + "/"));
        assertThat(failure)
                .hasMessage(
                        "origin 127.0.0.1:" + port + ": connection refused (expected: an origin that listens there)");
        assertThat(failure.failure().temporary()).isTrue();
    }

    @Test
    void anOriginThatDoesNotAnswerIsNotWaitedForForEver() throws Exception {
        try (var impatient = new HttpSource(Duration.ofMillis(300));
                var origin = RawOrigin.saying("")) {
            var failure = catchThrowableOfType(OriginException.class, () -> impatient.open(get(origin.url("/"))));
            assertThat(failure).hasMessageContaining("no answer within");
            assertThat(failure.failure().temporary()).isTrue();
        }
    }

    @Test
    void anOriginThatFallsSilentInTheMiddleIsNotWaitedForForEver() throws Exception {
        try (var impatient = new HttpSource(Duration.ofMillis(300));
                var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    var socket = server.accept();
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012".getBytes(ISO_8859_1));
                } catch (IOException e) {
                    // the test is over
                }
            });
            try (SourceStream stream = impatient.open(get("http://127.0.0.1:" + server.getLocalPort() + "/"))) {
                assertThatIOException().isThrownBy(() -> text(stream)).withMessageContaining("sent nothing for");
            }
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused(@TempDir Path directory) throws Exception {
        try (var origin =
                RawOrigin.on(selfSigned(directory), _ -> "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + CONTENT)) {
            OriginException failure = failure(get("https://localhost:" + origin.port() + "/"));
            assertThat(failure)
                    .hasMessageStartingWith("origin localhost:" + origin.port() + ": its certificate is not trusted");
            assertThat(failure.failure().temporary()).isFalse();
            assertThat(origin.requests()).isEmpty();
        }
    }

    @Test
    void anUnknownHostNamesTheHost() {
        assertThat(failure(get("http://no-such-host.invalid/")))
                .hasMessage("origin no-such-host.invalid: the host name is unknown (expected: one that resolves)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http:///nohost", "http://a b/", "http://host:99999/"})
    void urlsThatCannotBeAskedAreRefused(String url) {
        assertThat(failure(get(url)).failure().temporary()).isFalse();
    }

    @Test
    void schemesWithoutASourceAreNamed() {
        try (var sources = Sources.standard()) {
            var failure = catchThrowableOfType(OriginException.class, () -> sources.open(get("ftp://host/a")));
            assertThat(failure).hasMessage("url scheme: \"ftp\" (expected: http or https)");
        }
    }

    private OriginException failure(SourceRequest request) {
        return catchThrowableOfType(OriginException.class, () -> source.open(request));
    }

    private static String head(String status, String... header) {
        return "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", header) + "\r\n\r\n";
    }

    private static SourceRequest get(String url) {
        return new SourceRequest(url, Map.of(), Optional.empty());
    }

    private static String text(SourceStream stream) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var buffer = ByteBuffer.allocate(4);
        while (stream.read(buffer.clear()) >= 0) {
            bytes.write(buffer.array(), 0, buffer.position());
        }
        return bytes.toString(ISO_8859_1);
    }

    private static ServerSocket selfSigned(Path directory) throws Exception {
        Path store = directory.resolve("origin.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "origin",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        var keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }
}
