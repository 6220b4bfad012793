package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LocationTest {
    @Test
    void countsTheElementsThatBothBeginWith() {
        assertThat(shared("eu|fr|paris", "EU|FR|Lyon")).isEqualTo(2);
        assertThat(shared("eu|fr", "eu|fr|paris")).isEqualTo(2);
        assertThat(shared("a|b|c|d|e|f", "a|b|c|d|e|g")).isEqualTo(5);
        assertThat(shared("eu|fr", "us|fr")).isZero();
    }

    @Test
    void equalOnesShareAllAndSilentOnesNothing() {
        assertThat(shared("eu", "EU")).isEqualTo(Location.DEPTH);
        assertThat(shared("", "")).isZero();
        assertThat(shared("eu", "")).isZero();
    }

    private static int shared(String one, String other) {
        return Location.sharedDepth(Location.elements(one), Location.elements(other));
    }
}
