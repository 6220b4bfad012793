package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskIdTest {
    private static final String BLOB = "https://registry.example.com/v2/library/nginx/blobs/sha256:aa"
            + "?Expires=1&Signature=s%2Fig&ns=docker.io&b=2&a=x%20y~*&flag";

    /** Ids computed by Dragonfly v2.1.28, or observed in conversations of its processes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            emptyValue = "",
            value = {
                "https://example.com||||||100680ad546ce6a577f42f52df33b4cfdca756859e664b8d7de329b150d09ce9",
                "https://example.com|bar|foo||" + "||aeee0e0a2a0c75130582641353c539aaf9011a0088b31347f7588e70e449a3e0",
                "https://example.com?foo=foo&bar=bar|||foo|foo&bar||2773851c628744fb7933003195db436ce397c1722920696c4274ff804d86920b",
                "https://example.com|||foo|||2773851c628744fb7933003195db436ce397c1722920696c4274ff804d86920b",
                "http://h.example/f.bin||||||576206b227f8f7b894299df624b7b9e46f402495f61c524173d039a4ae149b1c",
                "http://h.example/f.bin|md5:d41d8cd98f00b204e9800998ecf8427e|0-99|t||a|7ea5f578b2082e090a818732b018371b13ff6750272816c78aa2649a195e11f6",
                "http://h.example/f.bin?b=2&a=1||||||3e81192fa642b92e8c67db09ee703fe554f10946a27d94dd656ff0511147d0fb",
                "http://h.example/f.bin?b=2&a=1||||zzz||7a5f3fc733063b04dbab92fc292dbb0023c0fcd1a9b0f0f48866702499990e8e",
                BLOB + "||||Expires&Signature&ns||92c0e3a9a18f0592c9589d221ee8c29fe7fff53880322820c2051f435cfa6a71",
                BLOB
                        + "|||t1|Expires&Signature&ns|app1|bf115e1c702d625aee75b372f82a93492fbf001c2c8a5347f3f47704ae6dc34e",
                "d7y:/my-cid|||cache|||795beadcf632070494a5251ed25fc66cb2bb4d1e259a1499bbfac677503fae27",
                "http://h.example/f.bin||100-||||e49673731c8c8d1020d5daa72eba79aa33d2402f0ce18c60f5f76ea116e94074",
                "http://h.example/f.bin||100-9223372036854775806||||754cb80adbe71eb62283d346daa2ffd611ebc14d304b0374580cd01ddebeb331",
                "http://[::1:bad|||" + "|x||e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            })
    void derivesTheIdThatTheRestOfTheSwarmDerives(
            String url, String digest, String range, String tag, String filter, String application, String id) {
        var meta = new UrlMeta(
                nonNull(digest),
                nonNull(tag),
                nonNull(range),
                nonNull(filter),
                Map.of(),
                nonNull(application),
                Priority.LEVEL0);
        assertThat(TaskId.v1(url, meta).value()).isEqualTo(id);
    }

    @Test
    void leavesTheRangeOutOfTheParentsId() {
        var meta = UrlMeta.NONE.withRange("foo").withDigest("bar");
        assertThat(TaskId.v1Parent("https://example.com", meta).value())
                .isEqualTo("63dee2822037636b0109876b58e95692233840753a882afa69b9b5ee82a6c57d");
        var whole = UrlMeta.NONE
                .withDigest("md5:d41d8cd98f00b204e9800998ecf8427e")
                .withRange("0-99")
                .withTag("t")
                .withApplication("a");
        assertThat(TaskId.v1Parent("http://h.example/f.bin", whole).value())
                .isEqualTo("50ad4fe780ea66d095330b6e879bacc980a826579f453950dd19042da694334a");
    }

    @Test
    void isBlindToHeadersAndPriority() {
        var meta = UrlMeta.NONE.withHeader(Map.of("Authorization", "secret")).withPriority(Priority.LEVEL3);
        assertThat(TaskId.v1("http://h/f", meta)).isEqualTo(TaskId.v1("http://h/f", UrlMeta.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "..", "../../etc/passwd", "a/bcd", ".hidden", "with space", "nul\0byte"})
    void refusesWhatCannotBeADirectoryName(String value) {
        assertThatThrownBy(() -> new TaskId(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("task id: ");
    }

    private static String nonNull(String text) {
        return text == null ? "" : text;
    }
}
