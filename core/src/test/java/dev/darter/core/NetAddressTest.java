package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetAddressTest {
    @Test
    void readsNamesAndLiterals() {
        assertThat(NetAddress.parse("manager:65003")).isEqualTo(new NetAddress("manager", 65003));
        assertThat(NetAddress.parse("10.0.0.1:8002")).isEqualTo(new NetAddress("10.0.0.1", 8002));
        assertThat(NetAddress.parse("[fd00::1]:8002")).isEqualTo(new NetAddress("fd00::1", 8002));
    }

    @Test
    void writesWhatItReads() {
        assertThat(NetAddress.parse("manager:65003")).hasToString("manager:65003");
        assertThat(NetAddress.parse("[fd00::1]:8002")).hasToString("[fd00::1]:8002");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "manager", "manager:", ":8002", "fd00::1:8002", "manager:http", "manager:65536", "a:0"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> NetAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }
}
