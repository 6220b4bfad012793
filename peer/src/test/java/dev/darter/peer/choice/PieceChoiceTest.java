package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PieceChoiceTest {
    private final PieceChoice choice = new PieceChoice(4, new Random(1));

    @Test
    void choosesThePieceThatFewestParentsHave() {
        var offers = List.of(
                offer("a", 0, 1, 2), //
                offer("b", 0, 1),
                offer("c", 0));

        assertThat(choice.next(pieces(0, 1, 2), List.of(), offers)).contains(new Choice(2, "a"));
        assertThat(choice.next(pieces(0, 1), List.of(), offers))
                .map(Choice::piece)
                .contains(1);
    }

    @Test
    void breaksTiesByChanceSoThatPeersDiverge() {
        var offers = List.of(offer("a", 0, 1, 2, 3, 4, 5, 6, 7));
        Set<Integer> firsts = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            new PieceChoice(4, new Random(seed * 7919L))
                    .next(pieces(0, 1, 2, 3, 4, 5, 6, 7), List.of(), offers)
                    .ifPresent(first -> firsts.add(first.piece()));
        }

        assertThat(firsts).hasSizeGreaterThan(4);
    }

    @Test
    void asksForNothingThatNobodyOffers() {
        assertThat(choice.next(pieces(5), List.of(), List.of(offer("a", 0, 1)))).isEmpty();
        assertThat(choice.next(pieces(), List.of(), List.of(offer("a", 0, 1)))).isEmpty();
        assertThat(choice.next(pieces(0), List.of(), List.of())).isEmpty();
    }

    @Test
    void whatAReaderWaitsForComesFirstFromASiblingIfOneHasIt() {
        var seed = new Offer("s", true, pieces(0, 1, 2, 3), 0, ParentRecord.NEW);
        var sibling = offer("a", 1, 2);

        assertThat(choice.next(pieces(0, 1, 2, 3), List.of(2), List.of(seed, sibling)))
                .contains(new Choice(2, "a"));
        assertThat(choice.next(pieces(0, 1, 3), List.of(2, 3), List.of(seed, sibling)))
                .contains(new Choice(3, "s"));
    }

    @Test
    void hasAtMostFourPiecesInFlight() {
        var busy = new Offer("a", false, pieces(0, 1, 2, 3, 4, 5), 4, ParentRecord.NEW);

        assertThat(choice.next(pieces(5), List.of(), List.of(busy))).isEmpty();
    }

    @Test
    void leavesTheSeedAloneWhenASiblingHasThePiece() {
        var seed = new Offer("s", true, pieces(0, 1), 0, new ParentRecord(1e9, 0));
        var sibling = new Offer("a", false, pieces(0, 1), 2, new ParentRecord(1e6, 0));

        assertThat(choice.next(pieces(0), List.of(), List.of(seed, sibling)))
                .map(Choice::parent)
                .contains("a");
    }

    @Test
    void asksTheSeedForOnePieceAtATimeWhileSiblingsHaveSome() {
        var sibling = offer("a", 0, 1);
        var idleSeed = new Offer("s", true, pieces(0, 1, 2, 3), 0, ParentRecord.NEW);
        var busySeed = new Offer("s", true, pieces(0, 1, 2, 3), 1, ParentRecord.NEW);

        assertThat(choice.next(pieces(0, 1, 2, 3), List.of(), List.of(idleSeed, sibling)))
                .map(Choice::parent)
                .contains("s");
        assertThat(choice.next(pieces(0, 1, 2, 3), List.of(), List.of(busySeed, sibling)))
                .map(Choice::parent)
                .contains("a");
        assertThat(choice.next(pieces(2, 3), List.of(), List.of(busySeed, sibling)))
                .map(Choice::parent)
                .contains("s");
    }

    @Test
    void prefersTheParentThatIsFasterAndLessBusy() {
        var fast = new Offer("fast", false, pieces(0), 1, new ParentRecord(10e6, 0));
        var slow = new Offer("slow", false, pieces(0), 0, new ParentRecord(1e6, 0));
        assertThat(choice.next(pieces(0), List.of(), List.of(fast, slow)))
                .map(Choice::parent)
                .contains("fast");

        var fullyBusy = new Offer("fast", false, pieces(0), 3, new ParentRecord(2e6, 0));
        assertThat(choice.next(pieces(0), List.of(), List.of(fullyBusy, slow)))
                .map(Choice::parent)
                .contains("slow");
    }

    @Test
    void triesParentsThatWereNeverTried() {
        var known = new Offer("known", false, pieces(0), 1, new ParentRecord(10e6, 0));
        var fresh = new Offer("fresh", false, pieces(0), 0, ParentRecord.NEW);

        assertThat(choice.next(pieces(0), List.of(), List.of(known, fresh)))
                .map(Choice::parent)
                .contains("fresh");
    }

    @Test
    void avoidsParentsThatFail() {
        var failing = new Offer("failing", false, pieces(0), 0, new ParentRecord(3e6, 1));
        var slower = new Offer("slower", false, pieces(0), 0, new ParentRecord(1e6, 0));

        assertThat(choice.next(pieces(0), List.of(), List.of(failing, slower)))
                .map(Choice::parent)
                .contains("slower");
    }

    @Test
    void spreadsEqualParentsEvenly() {
        Map<String, Integer> asked = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            choice.next(pieces(0), List.of(), List.of(offer("a", 0), offer("b", 0), offer("c", 0)))
                    .ifPresent(chosen -> asked.merge(chosen.parent(), 1, Integer::sum));
        }

        assertThat(asked.values()).allMatch(times -> times > 60);
    }

    @Test
    void aPeerThatHasASiblingTakesLittleFromTheSeed() {
        // The sibling has every piece as soon as the seed has it: all but the kept-warm slot goes to the sibling.
        var missing = pieces(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        var fromSeed = new ArrayList<Integer>();
        int siblingInFlight = 0;
        int seedInFlight = 0;
        for (int step = 0; step < 4; step++) {
            var offers = List.of(
                    new Offer("s", true, pieces(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), seedInFlight, ParentRecord.NEW),
                    new Offer("a", false, pieces(0, 1, 2, 3, 4), siblingInFlight, ParentRecord.NEW));
            Choice chosen = choice.next(missing, List.of(), offers).orElseThrow();
            missing.clear(chosen.piece());
            if (chosen.parent().equals("s")) {
                seedInFlight++;
                fromSeed.add(chosen.piece());
            } else {
                siblingInFlight++;
            }
        }

        assertThat(fromSeed).hasSize(1).allMatch(piece -> piece >= 5);
    }

    @Test
    void remembersHowParentsServe() {
        var record = ParentRecord.NEW.gave(4_000_000, 1_000_000_000);
        assertThat(record.bytesPerSecond()).isEqualTo(4e6);
        assertThat(record.gave(1_000_000, 1_000_000_000).bytesPerSecond()).isBetween(3e6, 3.2e6);
        assertThat(record.failed().failed().failures()).isEqualTo(2);
        assertThat(record.failed().gave(1, 1).failures()).isZero();
    }

    private static Offer offer(String parent, int... pieces) {
        return new Offer(parent, false, pieces(pieces), 0, ParentRecord.NEW);
    }

    private static BitSet pieces(int... numbers) {
        var set = new BitSet();
        for (int number : numbers) {
            set.set(number);
        }
        return set;
    }
}
