package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
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
            mine.andNot(new SeedTurns(peer).ofOthers(all, offersFor(peer, ParentRecord.NEW), NOW));
            mine.stream().forEach(piece -> takers[piece]++);
            assertThat(mine.cardinality()).as("share of " + peer).isBetween(PIECES / 10, PIECES / 3);
        }

        assertThat(takers).containsOnly(1);
    }

    @Test
    void aTurnThatIsNotTakenPasses() {
        var turns = new SeedTurns("a");
        assertThat(turns.ofOthers(all, offersFor("a", ParentRecord.NEW), NOW).isEmpty())
                .isFalse();
        long later = NOW + turns.left(NOW);

        assertThat(turns.ofOthers(all, offersFor("a", ParentRecord.NEW), later).isEmpty())
                .isTrue();
        assertThat(turns.left(later)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void waitsLongerForASlowSeedAndNeverVeryLong() {
        assertThat(patience(1e9)).isEqualTo(Duration.ofMillis(500));
        assertThat(patience(8 << 20)).isEqualTo(Duration.ofSeconds(2));
        assertThat(patience(1)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void nothingIsHeldBackThatASiblingHasOrThatNobodyElseWants() {
        var whole = new Offer("b", false, all, 0, ParentRecord.NEW);

        assertThat(new SeedTurns("a")
                        .ofOthers(all, List.of(seed(ParentRecord.NEW), whole), NOW)
                        .isEmpty())
                .isTrue();
        assertThat(new SeedTurns("a")
                        .ofOthers(all, List.of(seed(ParentRecord.NEW)), NOW)
                        .isEmpty())
                .isTrue();
    }

    private Duration patience(double rate) {
        var turns = new SeedTurns("a");
        var _ = turns.ofOthers(all, offersFor("a", new ParentRecord(rate, 0)), NOW);
        return Duration.ofNanos(turns.left(NOW));
    }

    private List<Offer> offersFor(String peer, ParentRecord seedsHistory) {
        Stream<Offer> siblings = PEERS.stream()
                .filter(other -> !other.equals(peer))
                .map(other -> new Offer(other, false, new BitSet(), 0, ParentRecord.NEW));
        return Stream.concat(Stream.of(seed(seedsHistory)), siblings).toList();
    }

    private Offer seed(ParentRecord history) {
        return new Offer("seed", true, all, 0, history);
    }
}
