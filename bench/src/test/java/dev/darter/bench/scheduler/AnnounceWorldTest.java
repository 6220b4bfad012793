package dev.darter.bench.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AnnounceWorldTest {
    @Test
    void freshPeersGetParentsAndLeaveTheSwarmAsLargeAsItWas() {
        try (var world = new AnnounceWorld(1_000, 10_000)) {
            assertThat(world.known()).isEqualTo(1_000);
            for (int i = 0; i < 5_000; i++) { // further than there are fresh hosts: they come again
                assertThat(i % 10 == 0 ? world.download() : world.register()).isPositive();
            }
            assertThat(world.known()).isEqualTo(1_000 + 50);
        }
    }
}
