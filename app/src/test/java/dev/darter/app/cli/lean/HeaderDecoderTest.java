package dev.darter.app.cli.lean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The examples of RFC 7541, appendix C, and what hostile or other people's encoders send. */
final class HeaderDecoderTest {
    private final HeaderDecoder decoder = new HeaderDecoder();

    @Test
    void readsLiteralsAndIndexes() throws IOException {
        assertThat(text("400a637573746f6d2d6b65790d637573746f6d2d686561646572")).isEqualTo("custom-key: custom-header");
        assertThat(text("040c2f73616d706c652f70617468")).isEqualTo(":path: /sample/path");
        assertThat(text("100870617373776f726406736563726574")).isEqualTo("password: secret");
        assertThat(text("82")).isEqualTo(":method: GET");
    }

    @Test
    void readsRequestsOfOneConnection() throws IOException {
        assertThat(text("828684410f7777772e6578616d706c652e636f6d"))
                .isEqualTo(":method: GET|:scheme: http|:path: /|:authority: www.example.com");
        assertThat(text("828684be58086e6f2d6361636865"))
                .isEqualTo(":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache");
        assertThat(text("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"))
                .isEqualTo(":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com"
                        + "|custom-key: custom-value");
    }

    @Test
    void readsTheSameRequestsHuffmanCoded() throws IOException {
        assertThat(text("828684418cf1e3c2e5f23a6ba0ab90f4ff"))
                .isEqualTo(":method: GET|:scheme: http|:path: /|:authority: www.example.com");
        assertThat(text("828684be5886a8eb10649cbf"))
                .isEqualTo(":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache");
        assertThat(text("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"))
                .isEqualTo(":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com"
                        + "|custom-key: custom-value");
    }

    /** The appendix has a table of 256 bytes by its settings; here the first block says so itself. */
    @Test
    void evictsWhatHasNoRoomAnyMore() throws IOException {
        assertThat(text("3fe101" + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
                        + "6e919d29ad171863c78f0b97c8e9ae82ae43d3"))
                .isEqualTo(":status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT"
                        + "|location: https://www.example.com");
        assertThat(text("4883640effc1c0bf"))
                .isEqualTo(":status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT"
                        + "|location: https://www.example.com");
        assertThat(text("88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd"
                        + "5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"))
                .isEqualTo(":status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT"
                        + "|location: https://www.example.com|content-encoding: gzip"
                        + "|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
    }

    @Test
    void readsEveryByteAsAnotherEncoderWritesIt() throws Exception {
        var allBytes = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            allBytes.append(c);
        }
        for (String value : new String[] {"", "a", "0123456789", "~".repeat(300), allBytes.toString()}) {
            var encoder = new DefaultHttp2HeadersEncoder((_, _) -> false, true, 64, 0);
            var buffer = Unpooled.buffer();
            encoder.encodeHeaders(3, new DefaultHttp2Headers(false).add("x-name", value), buffer);
            var decoded = new HeaderDecoder().decode(ByteBufUtil.getBytes(buffer));
            assertThat(decoded).containsExactly(new Header("x-name", value));
        }
    }

    @Test
    void readsWhatOurOwnEncoderWrites() throws IOException {
        var value = "v".repeat(1000);
        byte[] block = new HeaderEncoder().add(":path", "/a").add("x", value).block();
        assertThat(decoder.decode(block)).containsExactly(new Header(":path", "/a"), new Header("x", value));
    }

    @Test
    void refusesWhatBreaksARule() {
        for (String broken : new String[] {
            "80", // index 0
            "c0", // an index behind both tables
            "4005", // a string that does not follow
            "400a6375", // a string that is cut short
            "ffffffffff7f", // an integer without end
            "3fe13f", // a table larger than was allowed
            "0085ffffffffff00", // the end-of-string symbol
            "008110", // zeros for padding
        }) {
            assertThatThrownBy(() -> text(broken)).as(broken).isInstanceOf(IOException.class);
        }
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        var random = new Random(7541);
        for (int i = 0; i < 20_000; i++) {
            byte[] block = new byte[random.nextInt(40)];
            random.nextBytes(block);
            try {
                assertThat(new HeaderDecoder().decode(block)).isNotNull();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("expected");
            }
        }
    }

    private String text(String hex) throws IOException {
        return String.join(
                "|",
                decoder.decode(HexFormat.of().parseHex(hex)).stream()
                        .map(field -> field.name() + ": " + field.value())
                        .toList());
    }
}
