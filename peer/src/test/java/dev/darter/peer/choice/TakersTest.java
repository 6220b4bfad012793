package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TakersTest {
    private static final long BEGIN = -Duration.ofSeconds(100).toNanos();

    private final Takers takers = new Takers();

    @Test
    void whoGetsOnSeveralTimesMoreSlowlyThanTheOthersIsSlow() {
        grows("a", 100, 0, 1_000);
        grows("b", 60, 0, 1_000);
        grows("c", 14, 0, 1_000);
        grows("fresh", 0, 1_000, 1_000);

        assertThat(takers.isSlow("a", after(1_000))).isFalse();
        assertThat(takers.isSlow("b", after(1_000))).as("by less than four").isFalse();
        assertThat(takers.isSlow("c", after(1_000))).isTrue();
        assertThat(takers.isSlow("fresh", after(1_000))).isFalse();
        assertThat(takers.isSlow("unknown", after(1_000))).isFalse();
    }

    @Test
    void whatOneSaysOfItselfDecidesNothing() {
        grows("a", 100, 0, 1_000);
        grows("b", 100, 0, 1_000);
        grows("liar", Long.MAX_VALUE, 0, 1_000);
        assertThat(takers.isSlow("a", after(1_000))).isFalse();
    }

    @Test
    void lessThanAWindowSaysNothing() {
        grows("a", 100, 0, 1_000);
        grows("b", 1, 0, 999);
        assertThat(takers.isSlow("b", after(1_000))).isFalse();
        takers.asks("b", 1, 0, after(1_000));
        assertThat(takers.isSlow("b", after(1_000))).isTrue();
    }

    @Test
    void nobodyIsSlowByHimself() {
        grows("a", 1, 0, 1_000);
        assertThat(takers.isSlow("a", after(1_000))).isFalse();
        grows("b", 100, 0, 1_000);
        assertThat(takers.isSlow("a", after(3_999))).isTrue();
        assertThat(takers.isSlow("a", after(4_049)))
                .as("the other has ceased to ask")
                .isFalse();
    }

    @Test
    void whoWasSlowIsNotSlowAnyMoreWhenItsLinkHasRecovered() {
        grows("a", 1, 0, 1_000);
        grows("b", 100, 0, 1_000);
        assertThat(takers.isSlow("a", after(1_000))).isTrue();
        takers.asks("a", 101, 0, after(2_000));
        takers.asks("b", 200, 0, after(2_000));
        assertThat(takers.isSlow("a", after(2_000))).isFalse();
    }

    @Test
    void whoSaysNothingIsNotSlow() {
        grows("a", 100, 0, 1_000);
        takers.asks("b", -1, 0, after(0));
        takers.asks("b", -1, 0, after(1_000));
        assertThat(takers.isSlow("b", after(1_000))).isFalse();
    }

    @Test
    void nobodyGetsMuchMoreThanItsShareOfWhatSeveralCanPassOn() {
        for (String child : new String[] {"a", "b", "c", "d"}) {
            grows(child, 100, 0, 1_000);
        }
        gets("a", 20);
        gets("b", 20);
        gets("c", 20);
        gets("d", 24);
        assertThat(takers.isAhead("d", after(1_000))).as("two are on their way").isFalse();
        gets("d", 10);
        assertThat(takers.isAhead("d", after(1_000))).isTrue();
        assertThat(takers.isAhead("a", after(1_000))).isFalse();
        gets("a", 15);
        gets("b", 15);
        assertThat(takers.isAhead("d", after(1_049)))
                .as("looked at a moment ago")
                .isTrue();
        assertThat(takers.isAhead("d", after(1_050)))
                .as("the others have caught up")
                .isFalse();
    }

    @Test
    void oneOfTwoCanPassOnAll() {
        grows("a", 100, 0, 1_000);
        grows("b", 100, 0, 1_000);
        gets("a", 100);
        assertThat(takers.isAhead("a", after(1_000))).isFalse();
    }

    @Test
    void theSlowOnesAreNotWaitedFor() {
        grows("a", 100, 0, 1_000);
        grows("b", 100, 0, 1_000);
        grows("c", 10, 0, 1_000);
        grows("d", 10, 0, 1_000);
        gets("a", 100);
        assertThat(takers.isAhead("a", after(1_000))).isFalse();
    }

    @Test
    void whereTheOthersTakeNoMoreForItNobodyIsHeldBackForAWhile() {
        for (String child : new String[] {"a", "b", "c"}) {
            grows(child, 100, 0, 1_000);
        }
        for (int i = 0; i < 100; i++) {
            takers.gets("a", after(1_000 + 10 * i));
        }
        assertThat(takers.isAhead("a", after(1_999))).isTrue();
        takers.gets("b", after(2_010));
        assertThat(takers.isAhead("a", after(2_010))).isTrue();
        for (String child : new String[] {"a", "b", "c"}) {
            takers.asks(child, 300, 0, after(3_020));
        }
        assertThat(takers.isAhead("a", after(3_020)))
                .as("one in a second instead of a hundred")
                .isFalse();
        for (int i = 0; i < 100; i++) {
            takers.gets("a", after(8_000));
        }
        for (String child : new String[] {"a", "b", "c"}) {
            takers.asks(child, 400, 0, after(8_030));
        }
        assertThat(takers.isAhead("a", after(8_030))).isTrue();
    }

    @Test
    void whoeverMostOfTheOthersShunGetsNothing() {
        shunned("liar", 2);
        shunned("a", 0);
        shunned("b", 1);
        shunned("c", 0);
        assertThat(takers.isShunned("liar", after(0))).isTrue();
        assertThat(takers.isShunned("b", after(0))).as("one of three says so").isFalse();
        assertThat(takers.isShunned("unknown", after(0))).isFalse();
    }

    @Test
    void thoseOfWhomTheSameIsSaidAreNotWorseThanEachOther() {
        shunned("a", 1);
        assertThat(takers.isShunned("a", after(0))).as("nobody else takes").isFalse();
        shunned("b", 1);
        assertThat(takers.isShunned("a", after(50))).isFalse();
        shunned("b", 0);
        assertThat(takers.isShunned("a", after(100))).isTrue();
    }

    private void shunned(String child, int by) {
        takers.asks(child, 0, by, after(0));
    }

    private void gets(String child, int copies) {
        for (int i = 0; i < copies; i++) {
            takers.gets(child, after(1_000));
        }
    }

    private void grows(String child, long by, int from, int to) {
        takers.asks(child, 0, 0, after(from));
        takers.asks(child, by, 0, after(to));
    }

    private static long after(int millis) {
        return BEGIN + Duration.ofMillis(millis).toNanos();
    }
}
