package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TakersTest {
    private static final long BEGIN = -Duration.ofSeconds(100).toNanos();

    private final Takers takers = new Takers();

    @Test
    void whoTakesSeveralTimesAsLongAsTheOthersIsSlow() {
        took("a", 100, 4, 0);
        took("b", 180, 4, 0);
        took("c", 900, 4, 0);
        assertThat(takers.isSlow("a", after(0))).isFalse();
        assertThat(takers.isSlow("b", after(0))).as("by less than two").isFalse();
        assertThat(takers.isSlow("c", after(0))).isTrue();
        assertThat(takers.isSlow("fresh", after(0))).isFalse();
    }

    @Test
    void aFewSlowOnesAreNotEnough() {
        took("a", 100, 4, 0);
        took("b", 900, 3, 0);
        assertThat(takers.isSlow("b", after(0))).as("so far").isFalse();
        took("c", 100, 8, 0);
        took("c", 900, 1, 0);
        assertThat(takers.isSlow("c", after(0))).as("one of nine").isFalse();
    }

    @Test
    void nobodyIsSlowByHimself() {
        took("a", 900, 4, 0);
        assertThat(takers.isSlow("a", after(0))).isFalse();
        took("b", 100, 1, 0);
        assertThat(takers.isSlow("a", after(1_999))).isTrue();
        assertThat(takers.isSlow("a", after(2_000)))
                .as("the others have ceased to take")
                .isFalse();
    }

    @Test
    void whoWasSlowMayTryAgainLater() {
        took("a", 900, 4, 0);
        took("b", 100, 1, 2_999);
        assertThat(takers.isSlow("a", after(2_999))).isTrue();
        took("b", 100, 1, 3_000);
        assertThat(takers.isSlow("a", after(3_000))).isFalse();
        took("a", 100, 6, 3_000);
        assertThat(takers.isSlow("a", after(3_000)))
                .as("the link has recovered")
                .isFalse();
    }

    private void took(String taker, int millis, int times, int at) {
        for (int i = 0; i < times; i++) {
            takers.took(taker, Duration.ofMillis(millis).toNanos(), after(at));
        }
    }

    private static long after(int millis) {
        return BEGIN + Duration.ofMillis(millis).toNanos();
    }
}
