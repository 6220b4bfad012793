package dev.darter.peer.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class GatheringTest {
    private static final int BLOCK = 256 << 10;
    private static final int FEW = 4 << 10;

    private final Gathering gathering = new Gathering(1000);

    @Test
    void waitsAsLongAsSomethingWorthAReadNeedsToCome() {
        // 4 KiB in 1 ms: 32 KiB in 8 ms
        long pause = gathering.pause(FEW, BLOCK - FEW, 1000 + TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(pause).isEqualTo(TimeUnit.MILLISECONDS.toNanos(8));
    }

    @Test
    void readsOnWhereMuchComesAtATimeOrComesSoon() {
        assertThat(gathering.pause(64 << 10, BLOCK, 1000 + TimeUnit.SECONDS.toNanos(1)))
                .isZero();
        assertThat(new Gathering(0).pause(FEW, BLOCK, TimeUnit.MICROSECONDS.toNanos(50)))
                .isZero();
    }

    @Test
    void neverWaitsLong() {
        assertThat(gathering.pause(FEW, BLOCK, 1000 + TimeUnit.SECONDS.toNanos(5)))
                .isEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void waitsForHalfOfTheEndAndNotForTheLastOfIt() {
        // 4 KiB in 4 ms: 1 KiB a millisecond
        long now = 1000 + TimeUnit.MILLISECONDS.toNanos(4);
        assertThat(gathering.pause(FEW, 20 << 10, now)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        assertThat(new Gathering(1000).pause(FEW, 1 << 10, now)).isZero();
        assertThat(new Gathering(1000).pause(FEW, 0, now)).isZero();
    }
}
