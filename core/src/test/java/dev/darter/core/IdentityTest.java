package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityTest {
    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                "127.0.0.1, foo, 52727e8408e0ee1f999086f241ec43d5b3dbda666f1a06ef1fcbe75b4e90fa17",
                "'', foo, 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                "127.0.0.1, '', 12ca17b49af2289436f303e0166030a21e525d266e209267433801a8fd4071a0",
                "192.168.1.10, node-1.example.com, 61c2647893c1269a83ae7192af461be801ce545e269c8514b968f5c17cc25937",
            })
    void derivesTheHostIdThatSchedulersCompute(String ip, String hostname, String id) {
        assertThat(HostId.of(ip, hostname)).hasToString(id);
    }

    @Test
    void makesPeerIdsOfTheV1Family() {
        String pid = Long.toString(ProcessHandle.current().pid());
        assertThat(PeerId.v1("10.0.0.5").value())
                .matches("10\\.0\\.0\\.5-" + pid + "-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        assertThat(PeerId.v1Seed("10.0.0.5").value()).endsWith("_Seed");
        assertThat(PeerId.v1("::1")).isNotEqualTo(PeerId.v1("::1"));
        assertThat(PeerId.isLegal("../up")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "-1, -1, UNKNOWN",
        "5, -1, UNKNOWN",
        "0, 0, EMPTY",
        "1, 1, TINY",
        "128, 1, TINY",
        "129, 1, SMALL",
        "4194304, 1, SMALL",
        "4194305, 2, NORMAL"
    })
    void classifiesSizes(long length, int pieces, SizeScope scope) {
        assertThat(SizeScope.of(length, pieces)).isEqualTo(scope);
    }

    @ParameterizedTest
    @CsvSource({
        "0-9, 100, 0, 10",
        "100-, 300, 100, 200",
        "0-999, 100, 0, 100",
        "99-, 100, 99, 1",
        "5-5, -1, 5, 1",
        "100-, -1, 100, 9223372036854775707",
        "0-9223372036854775806, -1, 0, 9223372036854775807"
    })
    void readsRanges(String text, long contentLength, long start, long length) {
        assertThat(ByteRange.parse(text, contentLength)).isEqualTo(new ByteRange(start, length));
    }

    @ParameterizedTest
    @CsvSource({
        "-50, 100",
        "5-2, 100",
        "100-, 100",
        "'', 100",
        "a-b, 100",
        "bytes=0-9, 100",
        "99999999999999999999-, 100",
        "0-0, 0"
    })
    void refusesRangesThatHoldNoByte(String text, long contentLength) {
        assertThatThrownBy(() -> ByteRange.parse(text, contentLength))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("range: ");
    }

    @Test
    void findsEveryErrorCodeByItsNumber() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ErrorCode.byNumber(code.number())).contains(code);
        }
        assertThat(ErrorCode.byNumber(4711)).isEmpty();
    }
}
