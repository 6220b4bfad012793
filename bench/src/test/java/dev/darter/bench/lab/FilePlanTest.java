package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FilePlanTest {
    @Test
    void givesEveryFileToAsManyNeighboursAndEveryPeerItsShare() {
        var plan = new FilePlan(20, 8, 4, 1 << 20);
        for (int file = 0; file < 20; file++) {
            int which = file;
            assertThat(IntStream.range(0, 8)
                            .filter(peer -> plan.filesOf(peer).contains(which))
                            .count())
                    .isEqualTo(4);
        }
        assertThat(plan.downloads()).isEqualTo(80);
        assertThat(plan.filesOf(0)).isNotEqualTo(plan.filesOf(1)).containsAnyElementsOf(plan.filesOf(1));
    }

    @Test
    void filesThatNobodySharesAreSpreadEvenly() {
        var plan = new FilePlan(64, 8, 1, 64 << 20);
        for (int peer = 0; peer < 8; peer++) {
            assertThat(plan.filesOf(peer)).hasSize(8);
        }
        // All of it through one seed
        assertThat(plan.limit(1000, 100, 100)).isEqualTo(64.0 * (64 << 20) / FluidLimit.goodput(100));
    }

    @Test
    void allToAllIsOneLongFile() {
        var plan = new FilePlan(2000, 8, 8, 10 << 10);
        assertThat(plan.filesOf(7)).hasSize(2000);
        assertThat(plan.limit(100, 100, 100)).isEqualTo(2000.0 * (10 << 10) / FluidLimit.goodput(100));
    }

    @Test
    void namesWhatItExpects() {
        assertThatThrownBy(() -> new FilePlan(0, 8, 8, 1)).hasMessageStartingWith("--files: 0 (expected: ");
        assertThatThrownBy(() -> new FilePlan(1, 8, 9, 1)).hasMessageStartingWith("--each: 9 (expected: 1..8");
    }
}
