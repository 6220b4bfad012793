package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class MeshRulesTest {
    private static final MeshRules RULES = MeshRules.DEFAULT;

    @Test
    void onlyAPeerWithFewRequestsSendsTwoToOneNeighbour() {
        assertThat(RULES.requestsPerLink(0)).isEqualTo(2);
        assertThat(RULES.requestsPerLink(3)).isEqualTo(2);
        assertThat(RULES.requestsPerLink(4)).isEqualTo(1);
        assertThat(RULES.requestsPerLink(16)).isEqualTo(1);
    }

    @Test
    void aNeighbourWhoseRateIsKnownIsGivenFourTimesWhatItNeedsAndOneThatIsNotMuchMore() {
        assertThat(MeshRules.patience(1000, 1000, false)).isEqualTo(TimeUnit.SECONDS.toNanos(4));
        assertThat(MeshRules.patience(1000, 1e9, false)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
        assertThat(MeshRules.patience(1000, 0, false)).isEqualTo(TimeUnit.SECONDS.toNanos(30));
        assertThat(MeshRules.patience(1000, 0, true)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    }

    @Test
    void whoIsBusyIsLeftAloneForTheTimeOfABlockThereWithinBounds() {
        long block = TimeUnit.MILLISECONDS.toNanos(100);
        assertThat(MeshRules.rest(BlockLength.SMALL, BlockLength.SMALL * 10.0)).isEqualTo(block);
        assertThat(MeshRules.rest(BlockLength.SMALL, BlockLength.SMALL)).isEqualTo(2 * block);
        assertThat(MeshRules.rest(BlockLength.SMALL, 0)).isEqualTo(2 * block);
        assertThat(MeshRules.rest(BlockLength.SMALL, 1e12)).isEqualTo(block / 10);
    }

    @Test
    void asksTwiceAtTheEndOrWhenARequestIsAllButStuck() {
        long expected = Duration.ofMillis(250).toNanos();
        int block = 1 << 18;
        double rate = block * 4.0;
        int last = MeshRules.DEFAULT.mostRequests();
        assertThat(MeshRules.DEFAULT.isWorthRacing(2 * expected, block, rate, last))
                .isTrue();
        assertThat(MeshRules.DEFAULT.isWorthRacing(expected, block, rate, last)).isFalse();
        assertThat(MeshRules.DEFAULT.isWorthRacing(2 * expected, block, rate, last + 1))
                .isFalse();
        assertThat(MeshRules.DEFAULT.isWorthRacing(7 * expected, block, rate, last + 1))
                .isTrue();
        assertThat(MeshRules.DEFAULT.isWorthRacing(7 * expected, block, 0, last + 1))
                .isFalse();
    }
}
