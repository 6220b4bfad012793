package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SupplyTest {
    private static final long MIB = 1 << 20;

    private long now = -5;
    private final Supply supply = new Supply(now);

    @Test
    void whoAlwaysHasSomethingToAskForIsNotShort() {
        pass(3_000, 10 * MIB, 0, false);
        assertThat(supply.isShort(now)).isFalse();
    }

    @Test
    void whoOftenHasNothingToAskForIs() {
        pass(450, 5 * MIB, 0.5, false);
        assertThat(supply.isShort(now)).as("too soon to tell").isFalse();
        pass(100, MIB, 0.5, false);
        assertThat(supply.isShort(now)).isTrue();
        pass(3_000, 10 * MIB, 0.1, false);
        assertThat(supply.isShort(now)).isFalse();
    }

    @Test
    void aFewBlocksHaveToComeBeforeAnythingIsSaid() {
        passQuietly(1_900);
        assertThat(supply.isShort(now)).isFalse();
        passQuietly(2_200);
        assertThat(supply.isShort(now)).as("nothing comes at all").isTrue();
    }

    @Test
    void whoHasNobodyToAskCannotKnow() {
        pass(3_000, 10 * MIB, 1, false);
        assertThat(supply.isShort(now)).isFalse();
    }

    @Test
    void whereNothingComesAnyMoreEverybodyIs() {
        pass(2_100, 10 * MIB, 0, false);
        pass(4_500, 0, 1, false);
        assertThat(supply.isShort(now)).isTrue();
    }

    @Test
    void itGoesOnAsLongAsTheOriginHelps() {
        pass(4_100, 20 * MIB, 0.5, false);
        pass(6_000, 40 * MIB, 0, true);
        assertThat(supply.isShort(now)).isTrue();
    }

    @Test
    void whereTheOriginBringsNothingMoreItIsLeftAlone() {
        pass(4_100, 20 * MIB, 0.5, false);
        pass(2_500, 12 * MIB, 0.5, true);
        assertThat(supply.isShort(now)).isFalse();
        pass(20_000, 100 * MIB, 0.5, false);
        assertThat(supply.isShort(now)).isFalse();
        pass(20_000, 100 * MIB, 0.5, false);
        assertThat(supply.isShort(now)).as("things may have changed").isTrue();
    }

    @Test
    void whatIsKnownOfAMomentOnlyIsMeasuredAgainLater() {
        pass(600, 3 * MIB, 0.5, false);
        assertThat(supply.isShort(now)).isTrue();
        pass(20_000, 100 * MIB, 0.5, true);
        assertThat(supply.isShort(now)).as("read for a while").isTrue();
        pass(14_000, 70 * MIB, 0.5, true);
        assertThat(supply.isShort(now)).as("left for a window").isFalse();
        pass(4_000, 20 * MIB, 0.5, false);
        assertThat(supply.isShort(now)).isTrue();
        pass(4_100, 20 * MIB, 0.5, true);
        assertThat(supply.isShort(now)).as("it brings nothing more").isFalse();
    }

    @Test
    void whereTheOthersStopTheOriginIsNotToBlame() {
        pass(4_100, 20 * MIB, 0.5, false);
        pass(2_100, 3 * MIB, 0, true);
        assertThat(supply.isShort(now)).isTrue();
    }

    private void passQuietly(long millis) {
        supply.stands(false, false, now);
        for (long passed = 0; passed < millis; passed += 20) {
            now += TimeUnit.MILLISECONDS.toNanos(20);
            supply.stands(true, false, now);
        }
    }

    /** Every 20 ms there is nothing to ask for during that part of them. */
    private void pass(long millis, long bytes, double idle, boolean reading) {
        for (long passed = 0; passed < millis; passed += 20) {
            supply.got(bytes * 20 / millis);
            long nanos = TimeUnit.MILLISECONDS.toNanos(20);
            if (idle < 1) {
                supply.stands(false, reading, now);
            }
            now += (long) (nanos * (1 - idle));
            if (idle > 0) {
                supply.stands(true, reading, now);
            }
            now += (long) (nanos * idle);
        }
        supply.stands(idle > 0, reading, now);
    }
}
