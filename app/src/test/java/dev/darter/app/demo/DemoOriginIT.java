package dev.darter.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DemoOriginIT {
    /** No multiple of a chunk, so that the last one is short. */
    private static final int SIZE = (1 << 20) + 12_345;

    private final HttpClient client = HttpClient.newHttpClient();
    private DemoOrigin origin;

    @BeforeEach
    void start() throws IOException {
        origin = DemoOrigin.start(0, SIZE, 1L << 30);
    }

    @AfterEach
    void stop() {
        origin.close();
        client.close();
    }

    @Test
    void sendsWhatItSaysItsContentHashesTo() throws Exception {
        var answer = get(HttpRequest.newBuilder());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).hasSize(SIZE);
        assertThat(hash(answer.body())).isEqualTo(origin.sha256());
        assertThat(origin.sentBytes()).isEqualTo(SIZE);
    }

    @Test
    void sendsTheVeryBytesOfARange() throws Exception {
        byte[] whole = get(HttpRequest.newBuilder()).body();

        var middle = get(HttpRequest.newBuilder().header("Range", "bytes=65530-131080"));
        var end = get(HttpRequest.newBuilder().header("Range", "bytes=1048576-"));

        assertThat(middle.statusCode()).isEqualTo(206);
        assertThat(middle.headers().firstValue("Content-Range")).hasValue("bytes 65530-131080/" + SIZE);
        assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(whole, 65530, 131081));
        assertThat(end.body()).isEqualTo(Arrays.copyOfRange(whole, 1 << 20, SIZE));
    }

    @Test
    void refusesARangeBehindTheEnd() throws Exception {
        var answer = get(HttpRequest.newBuilder().header("Range", "bytes=" + SIZE + "-"));

        assertThat(answer.statusCode()).isEqualTo(416);
        assertThat(origin.sentBytes()).isZero();
    }

    @Test
    void tellsTheLengthWithoutSending() throws Exception {
        var answer = get(HttpRequest.newBuilder().HEAD());

        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
        assertThat(origin.sentBytes()).isZero();
    }

    private HttpResponse<byte[]> get(HttpRequest.Builder request) throws Exception {
        return client.send(request.uri(URI.create(origin.url())).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String hash(byte[] content) {
        return Digest.hex(Digest.Algorithm.SHA256.newMessageDigest().digest(content));
    }
}
