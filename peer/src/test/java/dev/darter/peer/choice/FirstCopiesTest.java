package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockRange;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FirstCopiesTest {
    private static final long BEGIN = -TimeUnit.SECONDS.toNanos(100);
    private static final BitSet NOTHING = new BitSet();

    private final FirstCopies copies = new FirstCopies();

    @Test
    void whatHasLeftIsToldALittleLaterAndWhatIsStuckMuchLater() {
        assertThat(next(0)).isZero();
        assertThat(next(0)).isEqualTo(1);
        copies.sent(0, after(0));

        assertThat(copies.mayTell(0, after(3))).isFalse();
        assertThat(copies.mayTell(0, after(4))).isTrue();
        assertThat(copies.mayTell(1, after(14))).isFalse();
        assertThat(copies.mayTell(1, after(15))).isTrue();
        assertThat(copies.mayTell(2, after(99))).as("never given").isFalse();
    }

    @Test
    void whatOthersHadFirstIsToldAtOnceAndGivenToNobodyInTurn() {
        copies.hadByOthers(0);
        assertThat(copies.mayTell(0, after(0))).isTrue();
        assertThat(next(0)).as("the one after it").isEqualTo(1);
        copies.hadByOthers(1);
        assertThat(copies.mayTell(1, after(0))).as("given here first").isFalse();

        var both = new BitSet();
        both.set(0, 2);
        assertThat(copies.isOver(both, after(0))).isFalse();
        copies.sent(1, after(0));
        assertThat(copies.isOver(both, after(0))).isTrue();
    }

    @Test
    void whatTakesLongIsToldLater() {
        assertThat(next(0)).isZero();
        assertThat(next(100)).isEqualTo(1);
        copies.sent(1, after(100));

        assertThat(copies.mayTell(1, after(110))).as("within a tenth").isFalse();
        assertThat(copies.mayTell(1, after(112))).isTrue();
    }

    @Test
    void whatIsLongOnItsWayIsToldLater() {
        assertThat(next(0)).isZero();
        copies.sent(0, after(2));

        assertThat(copies.mayTell(0, after(17)))
                .as("within eight times two seconds")
                .isFalse();
        assertThat(copies.mayTell(0, after(18))).isTrue();
    }

    @Test
    void whatOnlyWhoIsShunnedHasIsToldAtOnce() {
        assertThat(copies.passesOver("child", 0, 0, after(0))).isZero();
        assertThat(copies.passesOver("other", 0, 0, after(0))).isZero();
        assertThat(next(0)).isZero();
        assertThat(copies.mayTell(0, after(0))).isFalse();
        assertThat(copies.passesOver("child", 0, 1, after(1))).isEqualTo(FirstCopies.MOMENT);
        assertThat(copies.mayTell(0, after(1))).isTrue();
        assertThat(copies.mayTell(1, after(1))).as("given to nobody").isFalse();
    }

    @Test
    void isOverWhenAllHasLeftAndDoesNotWaitForWhoIsStuck() {
        BitSet both = blocks(2);
        assertThat(next(0)).isZero();
        copies.sent(0, after(0));
        assertThat(copies.isOver(both, after(1))).isFalse();
        assertThat(next(1)).isEqualTo(1);
        assertThat(copies.isOver(both, after(2))).as("on its way").isFalse();
        assertThat(copies.isOver(both, after(16))).as("stuck").isTrue();
        copies.sent(1, after(3));
        assertThat(copies.isOver(both, after(3))).isTrue();
    }

    @Test
    void givesAgainWhatWasTakenBackAndNotWhatTheChildHas() {
        assertThat(next(0)).isZero();
        copies.takeBack(0);
        assertThat(copies.next("child", blocks(2), blocks(1), 1, _ -> true, after(0)))
                .contains(new BlockRange(1, 2));
        assertThat(next(0)).isZero();
        assertThat(next(0)).isEqualTo(-1);
    }

    private int next(int second) {
        return copies.next("child", blocks(2), NOTHING, 1, _ -> true, after(second))
                .map(BlockRange::first)
                .orElse(-1);
    }

    private static BitSet blocks(int count) {
        var blocks = new BitSet();
        blocks.set(0, count);
        return blocks;
    }

    private static long after(int seconds) {
        return BEGIN + TimeUnit.SECONDS.toNanos(seconds);
    }
}
