package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class SeedShareTest {
    private static final long MIB = 1 << 20;

    @Test
    void theFrontIsAFairPartInWholePieces() {
        assertThat(new SeedShare(2, false).front(256 * MIB)).isEqualTo(128 * MIB);
        assertThat(new SeedShare(2, true).front(256 * MIB))
                .as("the same for all of them")
                .isEqualTo(128 * MIB);
        assertThat(new SeedShare(3, false).front(256 * MIB)).isEqualTo(88 * MIB);
        assertThat(new SeedShare(8, false).front(64 * MIB + 1)).isEqualTo(8 * MIB);
    }

    @Test
    void oneAloneReadsAllOfItAndSoDoesTheFirstOneOfLittle() {
        assertThat(SeedShare.ALONE.front(1024 * MIB)).isEqualTo(1024 * MIB);
        assertThat(new SeedShare(2, false).front(64 * MIB - 1)).isEqualTo(64 * MIB - 1);
        assertThat(new SeedShare(2, false).front(0)).isZero();
    }

    @Test
    void noMoreThanAFewReadTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeedShare(9, true))
                .withMessageContaining("seeds: 9 (expected: 1 to 8)");
        assertThatIllegalArgumentException().isThrownBy(() -> new SeedShare(0, false));
    }
}
