package dev.darter.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BarTest {
    @Test
    void writesBytesForPeople() {
        assertThat(Bar.size(0)).isEqualTo("0 B");
        assertThat(Bar.size(1023)).isEqualTo("1023 B");
        assertThat(Bar.size(1024)).isEqualTo("1.0 KiB");
        assertThat(Bar.size(10_240)).isEqualTo("10.0 KiB");
        assertThat(Bar.size(1_600_000)).isEqualTo("1.5 MiB");
        assertThat(Bar.size(5L << 40)).isEqualTo("5.0 TiB");
    }

    @Test
    void writesHundredthsOfASecond() {
        assertThat(Bar.seconds(1_239_000_000)).isEqualTo("1.23");
        assertThat(Bar.seconds(90_000_000_000L)).isEqualTo("90.00");
    }

    @Test
    void escapesWhatMayNotStandInJson() {
        assertThat(JsonReport.quote(new StringBuilder(), "a\"b\\c\n\u0001é\ud83d\ude00")
                        .toString())
                .isEqualTo("\"a\\\"b\\\\c\\u000a\\u0001é\\ud83d\\ude00\"");
    }
}
