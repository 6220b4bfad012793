package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TakersTest {
    private static final long BEGIN = -Duration.ofSeconds(100).toNanos();

    private final Takers takers = new Takers();

    @Test
    void whoTakesSeveralTimesAsLongAsTheOthersIsSlow() {
        took("a", 100, 0);
        took("b", 180, 0);
        took("c", 900, 0);
        assertThat(takers.isSlow("a", after(0))).isFalse();
        assertThat(takers.isSlow("b", after(0))).as("by less than two").isFalse();
        assertThat(takers.isSlow("c", after(0))).isTrue();
        assertThat(takers.isSlow("fresh", after(0))).isFalse();
    }

    @Test
    void nobodyIsSlowByHimself() {
        took("a", 900, 0);
        assertThat(takers.isSlow("a", after(0))).isFalse();
        took("b", 100, 0);
        assertThat(takers.isSlow("a", after(1_999))).isTrue();
        assertThat(takers.isSlow("a", after(2_000)))
                .as("the others have ceased to take")
                .isFalse();
    }

    @Test
    void whoWasSlowMayTryAgainLater() {
        took("a", 900, 0);
        took("b", 100, 9_999);
        assertThat(takers.isSlow("a", after(9_999))).isTrue();
        took("b", 100, 10_000);
        assertThat(takers.isSlow("a", after(10_000))).isFalse();
        for (int second = 10; second < 13; second++) {
            took("a", 100, 1_000 * second);
        }
        took("b", 100, 12_500);
        assertThat(takers.isSlow("a", after(12_500)))
                .as("the link has recovered")
                .isFalse();
    }

    private void took(String taker, int millis, int at) {
        takers.took(taker, Duration.ofMillis(millis).toNanos(), after(at));
    }

    private static long after(int millis) {
        return BEGIN + Duration.ofMillis(millis).toNanos();
    }
}
