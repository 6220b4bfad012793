package dev.darter.peer.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.wire.client.ServerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchedulerListsTest {
    private static final ServerAddress ONE = new ServerAddress("10.0.0.1", "s-1", 8002, 1);
    private static final ServerAddress TWO = new ServerAddress("10.0.0.2", "", 8002, 2);

    @TempDir
    Path cacheDir;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private List<ServerAddress> listed = List.of(ONE, TWO);
    private boolean silent;
    private int asked;

    @Test
    void asksTheManagerAgainOnlyWhenItsListIsOld() {
        var lists = lists();

        assertThat(lists.list(false)).containsExactly(ONE, TWO);
        assertThat(lists.list(false)).containsExactly(ONE, TWO);
        assertThat(asked).isEqualTo(1);

        listed = List.of(TWO);
        now = now.plus(Duration.ofMinutes(11));
        assertThat(lists.list(false)).containsExactly(TWO);
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void asksAtOnceWhenASchedulerCannotBeReached() {
        var lists = lists();
        var _ = lists.list(false);
        listed = List.of(TWO);

        assertThat(lists.list(true)).containsExactly(TWO);
    }

    @Test
    void goesOnWithWhatItKnewWhileTheManagerIsSilent() {
        var lists = lists();
        var _ = lists.list(false);
        silent = true;
        now = now.plus(Duration.ofDays(1));

        assertThat(lists.list(false)).containsExactly(ONE, TWO);
        silent = false;
        listed = List.of(ONE);
        assertThat(lists.list(false)).containsExactly(ONE);
    }

    @Test
    void remembersAcrossRestarts() {
        var _ = lists().list(false);
        silent = true;

        assertThat(lists().list(false)).containsExactly(ONE, TWO);
    }

    @Test
    void keepsTheOldOnesWhenTheManagerKnowsNoActiveOne() {
        var lists = lists();
        var _ = lists.list(false);
        listed = List.of();

        assertThat(lists.list(true)).containsExactly(ONE, TWO);
    }

    @Test
    void startsWithNothingWhenItsMemoryMakesNoSense() throws IOException {
        Files.writeString(cacheDir.resolve("schedulers"), "what\tis\tthis\n");
        silent = true;

        assertThat(lists().list(false)).isEmpty();
    }

    @Test
    void neverChangesWhatTheOperatorWrote() {
        assertThat(SchedulerLists.of(List.of(ONE)).list(true)).containsExactly(ONE);
    }

    private SchedulerLists lists() {
        return SchedulerLists.from(
                () -> {
                    asked++;
                    if (silent) {
                        throw new IllegalStateException("no answer");
                    }
                    return listed;
                },
                Duration.ofMinutes(10),
                cacheDir,
                () -> now);
    }
}
