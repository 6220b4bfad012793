package dev.darter.peer.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OpenTransfersTest {
    private final OpenTransfers transfers = new OpenTransfers(2, 2);
    private final List<String> begun = new ArrayList<>();

    @Test
    void whoComesLaterBeginsInOrderWhenOneEnds() {
        assertThat(begin("a")).isEqualTo(OpenTransfers.Turn.BEGUN);
        assertThat(begin("b")).isEqualTo(OpenTransfers.Turn.BEGUN);
        assertThat(begin("c")).isEqualTo(OpenTransfers.Turn.WAITS);
        assertThat(begin("d")).isEqualTo(OpenTransfers.Turn.WAITS);
        assertThat(begin("e")).isEqualTo(OpenTransfers.Turn.SENT_AWAY);
        assertThat(begun).containsExactly("a", "b");

        transfers.end();
        transfers.end();

        assertThat(begun).containsExactly("a", "b", "c", "d");
    }

    @Test
    void whoHasWaitedLongEnoughBeginsBesideTheOthersAndNobodyElseDoesUntilThereIsRoom() {
        begin("a");
        begin("b");
        Runnable late = () -> begun.add("late");
        assertThat(transfers.begin(late)).isEqualTo(OpenTransfers.Turn.WAITS);
        begin("d");

        transfers.hurry(late);
        transfers.hurry(late);
        assertThat(begun).containsExactly("a", "b", "late");

        transfers.end();
        assertThat(begun).as("two are open still").hasSize(3);
        transfers.end();
        assertThat(begun).containsExactly("a", "b", "late", "d");
    }

    private OpenTransfers.Turn begin(String name) {
        return transfers.begin(() -> begun.add(name));
    }
}
