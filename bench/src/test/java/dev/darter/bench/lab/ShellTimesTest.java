package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ShellTimesTest {
    @Test
    void addsUserAndSystemOfShellAndChildren() {
        assertThat(ShellTimes.parse("0m0.01s 0m0.02s\n1m2.50s 0m0.700000s\n")).isCloseTo(63.23, within(1e-9));
    }
}
