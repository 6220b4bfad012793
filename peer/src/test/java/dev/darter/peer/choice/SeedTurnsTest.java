package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SeedTurnsTest {
    private static final int PIECES = 256;
    private static final List<String> PEERS = List.of("a", "b", "c", "d", "e");
    private static final long NOW = 1_000_000_000L;

    private final BitSet all = new BitSet();

    SeedTurnsTest() {
        all.set(0, PIECES);
    }

    @Test
    void everyPieceIsTheTurnOfExactlyOnePeer() {
        int[] takers = new int[PIECES];
        for (String peer : PEERS) {
            BitSet mine = (BitSet) all.clone();
            mine.andNot(spared(new SeedTurns(peer), peer, ParentRecord.NEW, NOW));
            mine.stream().forEach(piece -> takers[piece]++);
            assertThat(mine.cardinality()).as("share of " + peer).isBetween(PIECES / 10, PIECES / 3);
        }

        assertThat(takers).containsOnly(1);
    }

    @Test
    void aTurnThatIsNotTakenPasses() {
        var turns = new SeedTurns("a");
        assertThat(spared(turns, "a", ParentRecord.NEW, NOW).isEmpty()).isFalse();
        long later = NOW + turns.left(NOW);

        assertThat(spared(turns, "a", ParentRecord.NEW, later).isEmpty()).isTrue();
        assertThat(turns.left(later)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void waitsLongerForASlowSeedAndNeverVeryLong() {
        assertThat(patience(1e9)).isEqualTo(Duration.ofMillis(500));
        assertThat(patience(8 << 20)).isEqualTo(Duration.ofSeconds(2));
        assertThat(patience(1)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aSeedIsSparedWhatSomebodyHasWhileItAloneHasSomethingElse() {
        var half = new BitSet();
        half.set(0, PIECES / 2);
        for (boolean sibling : new boolean[] {true, false}) { // a peer of the field counts, too
            var has = new Offer("b", false, half, 0, ParentRecord.NEW);
            var hasNothing = new Offer("c", false, new BitSet(), 0, ParentRecord.NEW);
            var parents = sibling ? List.of(seed(ParentRecord.NEW)) : List.of(seed(ParentRecord.NEW), has);
            var siblings = sibling ? List.of(has, hasNothing) : List.of(hasNothing);
            var turns = new SeedTurns("a");

            BitSet spared = turns.spared(all, parents, siblings, NOW);
            assertThat(spared.nextClearBit(0)).isGreaterThanOrEqualTo(PIECES / 2);
            assertThat(turns.spared(half, parents, siblings, NOW).isEmpty())
                    .as("all that is missing is elsewhere: the seed is a parent like any other")
                    .isTrue();
            assertThat(turns.spared(
                                    all,
                                    parents,
                                    siblings,
                                    NOW + Duration.ofSeconds(30).toNanos())
                            .isEmpty())
                    .as("it has not come from there for long enough")
                    .isTrue();
        }
    }

    @Test
    void nothingIsHeldBackThatNobodyElseWants() {
        assertThat(new SeedTurns("a")
                        .spared(all, List.of(seed(ParentRecord.NEW)), List.of(), NOW)
                        .isEmpty())
                .isTrue();
    }

    private Duration patience(double rate) {
        var turns = new SeedTurns("a");
        var _ = spared(turns, "a", new ParentRecord(rate, 0), NOW);
        return Duration.ofNanos(turns.left(NOW));
    }

    private BitSet spared(SeedTurns turns, String peer, ParentRecord seedsHistory, long now) {
        List<Offer> siblings = PEERS.stream()
                .filter(other -> !other.equals(peer))
                .map(other -> new Offer(other, false, new BitSet(), 0, ParentRecord.NEW))
                .toList();
        return turns.spared(all, List.of(seed(seedsHistory)), siblings, now);
    }

    private Offer seed(ParentRecord history) {
        return new Offer("seed", true, all, 0, history);
    }
}
