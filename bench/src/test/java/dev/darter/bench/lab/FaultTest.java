package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FaultTest {
    @Test
    void readsShareAndMoment() {
        var fault = Fault.parse("kill-peer:30%@50%");
        assertThat(fault).isEqualTo(new Fault(Fault.Kind.KILL_PEER, 0.3, new Fault.Moment(0.5, true)));
        assertThat(fault.at().seconds(22)).isEqualTo(11);
        assertThat(fault.victims(8)).isEqualTo(3);
    }

    @Test
    void secondsDoNotDependOnTheLimit() {
        var fault = Fault.parse("kill-seed@4.5s");
        assertThat(fault.at().seconds(22)).isEqualTo(4.5);
        assertThat(fault.victims(8)).isZero();
    }

    @Test
    void hitsOnePeerWithoutAShareAndNeverAll() {
        assertThat(Fault.parse("stop-peer@1s").victims(8)).isEqualTo(1);
        assertThat(Fault.parse("kill-peer:99%@1s").victims(4)).isEqualTo(3);
        assertThat(Fault.parse("kill-peer@1s").victims(1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kill-peer",
                "kill-seed:30%@5s",
                "kill-peer:30@5s",
                "burn-peer@5s",
                "kill-peer@5",
                "kill-seed@-1s"
            })
    void namesWhatItExpects(String text) {
        assertThatThrownBy(() -> Fault.parse(text))
                .isInstanceOf(LabException.class)
                .hasMessageStartingWith("--fault: " + text + " (expected: ");
    }
}
