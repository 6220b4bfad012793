package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.darter.bench.lab.FluidLimit.Link;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FluidLimitTest {
    private static final long MIB_256 = 256L << 20;

    private static FluidLimit symmetric(double origin, double seed, Double... peers) {
        return new FluidLimit(
                origin, Link.both(seed), List.of(peers).stream().map(Link::both).toList(), List.of());
    }

    @Test
    void doesNotGrowWithTheNumberOfEqualLinks() {
        for (int peers : new int[] {1, 4, 16, 100}) {
            var limit = symmetric(100, 100, Collections.nCopies(peers, 100.0).toArray(Double[]::new));
            // 268435456 bytes over 100 Mbit/s / 8 × 1448/1514
            assertThat(limit.cold(MIB_256)).isCloseTo(22.4537, within(0.0001));
        }
    }

    @Test
    void theSlowestOfOriginSeedAndPeersDecides() {
        double whole = MIB_256 / FluidLimit.goodput(100);
        assertThat(symmetric(50, 100, 100.0, 100.0).cold(MIB_256)).isEqualTo(2 * whole);
        assertThat(symmetric(100, 25, 100.0, 100.0).cold(MIB_256)).isEqualTo(4 * whole);
        assertThat(symmetric(100, 100, 100.0, 5.0).cold(MIB_256)).isCloseTo(20 * whole, within(1e-9));
        var seedThatTakesSlowly = new FluidLimit(100, new Link(100, 50), List.of(Link.both(100)), List.of());
        assertThat(seedThatTakesSlowly.cold(MIB_256)).isEqualTo(2 * whole);
        assertThat(seedThatTakesSlowly.warm(MIB_256)).isEqualTo(whole);
    }

    @Test
    void allUplinksTogetherDecideWhenTheyAreScarce() {
        var limit = new FluidLimit(1000, Link.both(100), Collections.nCopies(10, new Link(10, 100)), List.of());
        assertThat(limit.cold(MIB_256)).isEqualTo(10.0 * MIB_256 / FluidLimit.goodput(200));
    }

    @Test
    void aWarmSeedNeedsNoOrigin() {
        assertThat(symmetric(1, 100, 100.0).warm(MIB_256)).isEqualTo(MIB_256 / FluidLimit.goodput(100));
    }

    @Test
    void whatPeersReadThemselvesTheSeedNeedNotBring() {
        var slowSeed = new FluidLimit(100, Link.both(50), Collections.nCopies(4, Link.both(100)), List.of());
        double whole = MIB_256 / FluidLimit.goodput(100);
        assertThat(slowSeed.cold(MIB_256)).isEqualTo(2 * whole);
        assertThat(slowSeed.blended(MIB_256, 0)).isEqualTo(2 * whole);
        assertThat(slowSeed.blended(MIB_256, 0.25)).isEqualTo(1.5 * whole);
        assertThat(slowSeed.blended(MIB_256, 1)).isEqualTo(whole);
    }

    @Test
    void theOriginIsOneMoreUplinkForThoseWhoReadIt() {
        var limit = new FluidLimit(50, Link.both(50), Collections.nCopies(10, new Link(10, 1000)), List.of());
        assertThat(limit.blended(MIB_256, 1)).isEqualTo(10.0 * MIB_256 / FluidLimit.goodput(200));
    }

    @Test
    void aHelpersUplinkCountsAndItsCompletionDoesNot() {
        var helper = new Link(50, 1);
        var limit = new FluidLimit(1000, Link.both(100), Collections.nCopies(10, new Link(10, 100)), List.of(helper));
        assertThat(limit.cold(MIB_256)).isEqualTo(10.0 * MIB_256 / FluidLimit.goodput(250));
    }

    @Test
    void nobodyHasNoLimit() {
        assertThatThrownBy(() -> symmetric(100, 100)).hasMessageContaining("peers: none");
    }
}
