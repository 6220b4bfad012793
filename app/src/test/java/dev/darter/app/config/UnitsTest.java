package dev.darter.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "72h, PT72H",
        "1m0s, PT1M",
        "0s, PT0S",
        "1h30m, PT1H30M",
        "500ms, PT0.5S",
        "1.5s, PT1.5S",
        "1000000000, PT1S",
        "5, PT0.000000005S",
        "-5s, PT-5S",
        "100us, PT0.0001S"
    })
    void readsDurationsAsGoWritesThem(String text, Duration expected) {
        assertThat(Units.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5d", "1h 30m", "h", "1.5", "--5s", "PT5S"})
    void refusesOtherDurations(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text));
    }

    @ParameterizedTest
    @CsvSource({
        "1024, 1024",
        "5120Mi, 5368709120",
        "1.5GiB, 1610612736",
        "20MB, 20971520",
        "1g, 1073741824",
        "64 Ki, 65536",
        "1000Gi, 1073741824000",
        "10M/s, 10485760"
    })
    void allUnitsArePowersOf1024(String text, long expected) {
        assertThat(Units.bytes(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "many", "-1", "1Q", "1 2", "0x10"})
    void refusesOtherSizes(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.bytes(text));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.bytes("9000000000000E"));
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration("99999999999999h"));
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration("99999999999999999999"));
    }
}
