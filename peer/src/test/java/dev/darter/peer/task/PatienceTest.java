package dev.darter.peer.task;

import static dev.darter.peer.task.Patience.Verdict.BLAME;
import static dev.darter.peer.task.Patience.Verdict.HELP_YOURSELF;
import static dev.darter.peer.task.Patience.Verdict.PROBE;
import static dev.darter.peer.task.Patience.Verdict.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PatienceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Patience patience =
            new Patience(Duration.ofSeconds(30), Duration.ofSeconds(300), Duration.ofSeconds(10), 0);

    @Test
    void probesBeforeItBlames() {
        assertThat(patience.look(29 * SECOND, true, false, false)).isEqualTo(WAIT);
        assertThat(patience.look(30 * SECOND, true, false, false)).isEqualTo(PROBE);
        assertThat(patience.look(59 * SECOND, true, false, false)).isEqualTo(WAIT);
        assertThat(patience.look(60 * SECOND, true, false, false)).isEqualTo(BLAME);
    }

    @Test
    void leavesParentsThatAnswerInPeaceForAWhile() {
        for (int round = 1; round <= 4; round++) {
            assertThat(patience.look(30L * round * SECOND, true, true, false)).isEqualTo(PROBE);
        }
        assertThat(patience.look(150 * SECOND, true, true, false)).isEqualTo(BLAME);
    }

    @Test
    void beginsAnewWithEveryProgress() {
        assertThat(patience.look(30 * SECOND, true, false, false)).isEqualTo(PROBE);
        patience.progress(40 * SECOND);

        assertThat(patience.look(69 * SECOND, true, false, false)).isEqualTo(WAIT);
        assertThat(patience.look(70 * SECOND, true, false, false)).isEqualTo(PROBE);
    }

    @Test
    void waitsForParentsAsLongAsTheSchedulerMayNameThem() {
        assertThat(patience.look(299 * SECOND, false, true, false)).isEqualTo(WAIT);
        assertThat(patience.look(300 * SECOND, false, true, false)).isEqualTo(HELP_YOURSELF);
    }

    @Test
    void waitsShorterForASchedulerThatIsGone() {
        assertThat(patience.look(9 * SECOND, false, true, true)).isEqualTo(WAIT);
        assertThat(patience.look(10 * SECOND, false, true, true)).isEqualTo(HELP_YOURSELF);
    }

    @Test
    void neverBlamesWithoutAWatchdog() {
        var calm = new Patience(Duration.ZERO, Duration.ofSeconds(300), Duration.ofSeconds(10), 0);

        assertThat(calm.look(Duration.ofDays(1).toNanos(), true, false, false)).isEqualTo(WAIT);
    }

    @Test
    void saysWhenToLookAgain() {
        assertThat(patience.left(10 * SECOND, true, false)).isEqualTo(20 * SECOND);
        assertThat(patience.left(10 * SECOND, false, false)).isEqualTo(290 * SECOND);
        assertThat(patience.left(20 * SECOND, false, true)).isZero();
    }
}
