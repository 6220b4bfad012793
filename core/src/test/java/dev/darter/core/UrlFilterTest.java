package dev.darter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlFilterTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://www.xx.yy/path?u=f&x=y&m=z&x=s#size|x&m|http://www.xx.yy/path?u=f#size",
                "http://h/f?b=2&a=1|zzz|http://h/f?a=1&b=2",
                "https://r.example.com/v2/n/blobs/sha256:aa?Expires=1&Signature=s%2Fig&ns=d&b=2&a=x%20y~*&flag|Expires&Signature&ns"
                        + "|https://r.example.com/v2/n/blobs/sha256:aa?a=x+y~%2A&b=2&flag=",
                "HTTP://Host/Path?q=1|q|http://Host/Path",
                "http://h/f?|q|http://h/f?",
                "http://h/f?a=1;b=2&c=3|q|http://h/f?c=3",
                "http://h/f?a=%zz&c=3|q|http://h/f?c=3",
                "http://h/a b?c=3|q|http://h/a%20b?c=3",
                "http://h/a%2Fb?c=3|q|http://h/a%2Fb?c=3",
                "http://h/ä?c=ä|q|http://h/%C3%A4?c=%C3%A4",
                "d7y:/my-cid?x=1|x|d7y:/my-cid",
                "http://u:p@h:80/f?x=1&y=2|x|http://u:p@h:80/f?y=2",
            })
    void rebuildsTheUrlWithoutTheFilteredParameters(String url, String filter, String expected) {
        assertThat(new String(UrlFilter.of(filter).apply(url), UTF_8)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void keepsEveryByteWithoutAFilter(String filter) {
        String url = "HTTP://h/a b?z=1&a=%zz;#ä";
        assertThat(new String(UrlFilter.of(filter).apply(url), UTF_8)).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h/%zz", ":foo", "http://h:port/", "http://a b/", "http://h/\u0001"})
    void turnsAnUnparsableUrlIntoNothing(String url) {
        assertThat(UrlFilter.of("x").apply(url)).isEmpty();
    }
}
