package dev.darter.scheduler.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.core.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class OriginBudgetTest {
    private static final int BLOCKS = 512;
    private static final long LENGTH = BLOCKS * (long) BlockLength.SMALL;
    private static final OriginBudget.Terms ALONE = new OriginBudget.Terms(0, true, 3);

    private final OriginBudget budget = new OriginBudget();
    private final RandomGenerator random = new Random(1);
    private long now = 1_000_000;

    @Test
    void severalReadTheRestInDisjointPartsAndTogetherOnce() {
        var missing = set(256, BLOCKS);
        var last = new HashMap<PeerId, BitSet>();
        var read = new BitSet();
        for (int round = 0; read.cardinality() < missing.cardinality(); round++) {
            assertThat(round).isLessThan(BLOCKS);
            var granted = new HashMap<PeerId, BitSet>();
            for (PeerId reader : List.of(peer("a"), peer("b"), peer("c"))) {
                BitSet grant = ask(reader, without(missing, read), last.getOrDefault(reader, new BitSet()), ALONE);
                granted.values()
                        .forEach(other -> assertThat(other.intersects(grant)).isFalse());
                granted.put(reader, grant);
            }
            for (BitSet blocks : granted.values()) {
                assertThat(read.intersects(blocks)).as("read twice").isFalse();
                read.or(blocks);
            }
            last.putAll(granted);
            now += 1_000;
        }
        assertThat(read).isEqualTo(missing);
    }

    @Test
    void partsGrowSmallerSoThatAllEndTogether() {
        int first = ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE).cardinality();
        int late = ask(peer("b"), set(BLOCKS - 30, BLOCKS), new BitSet(), ALONE).cardinality();
        assertThat(first).as("a sixth, and to the end of a piece").isEqualTo(96);
        assertThat(late).isEqualTo(BLOCKS / 64);
    }

    @Test
    void noMoreReadThanThereArePlaces() {
        for (String name : List.of("a", "b", "c")) {
            assertThat(ask(peer(name), set(0, BLOCKS), new BitSet(), ALONE)).isNotEqualTo(new BitSet());
        }
        assertThat(ask(peer("d"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isTrue();
        budget.giveBack(peer("b"));
        assertThat(ask(peer("d"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isFalse();
    }

    @Test
    void whatIsGivenBackUnreadGoesToTheNext() {
        BitSet first = ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        var half = set(0, 10);
        assertThat(ask(peer("a"), new BitSet(), half, ALONE).isEmpty()).isTrue();
        assertThat(budget.spentBytes()).isEqualTo(10L * BlockLength.SMALL);

        BitSet second = ask(peer("b"), set(0, BLOCKS), new BitSet(), ALONE);
        assertThat(second.intersects(half)).isFalse();
        assertThat(second.nextSetBit(0)).isEqualTo(10);
        assertThat(first.get(10)).isTrue();
    }

    @Test
    void whatSomebodyReadWhoIsGoneMayBeReadAgainAtOnceAndWhatIsStillMissedLater() {
        BitSet first = ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        ask(peer("a"), new BitSet(), first, ALONE);
        assertThat(ask(peer("b"), first, new BitSet(), ALONE).isEmpty())
                .as("others will tell of it")
                .isTrue();
        budget.left(peer("a"));
        BitSet second = ask(peer("b"), first, new BitSet(), ALONE);
        assertThat(second.isEmpty()).isFalse();
        ask(peer("b"), new BitSet(), second, ALONE);
        assertThat(ask(peer("c"), second, new BitSet(), ALONE).isEmpty()).isTrue();
        now += 20_000;
        assertThat(ask(peer("c"), second, new BitSet(), ALONE).isEmpty()).isFalse();
    }

    @Test
    void aReaderThatSaysNothingLosesItsBlocks() {
        BitSet first = ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        now += 9_000;
        hear(peer("a"), wish(new BitSet(), set(0, 1), Reading.UNDER_WAY, false), ALONE);
        now += 9_000;
        assertThat(ask(peer("b"), first, new BitSet(), ALONE).isEmpty()).isTrue();
        now += 2_000;
        BitSet second = ask(peer("b"), first, new BitSet(), ALONE);
        assertThat(second.isEmpty()).isFalse();
        assertThat(second.get(0)).as("what it read").isFalse();
    }

    @Test
    void seedPeersReadOnAnAccountOfTheirOwn() {
        var peers = new OriginBudget.Terms(0.02, false, 1);
        BitSet seeds = ask(peer("seed"), set(0, BLOCKS), new BitSet(), OriginBudget.Terms.SEED);
        assertThat(seeds.get(BLOCKS - 1)).as("from the end").isTrue();
        assertThat(budget.spentBytes()).as("of the peers' budget").isZero();

        BitSet peer = ask(peer("peer"), set(0, BLOCKS), new BitSet(), peers);
        assertThat(peer.isEmpty()).as("its place is not the seed's").isFalse();
        assertThat(peer.intersects(seeds)).isFalse();
        BitSet next = ask(peer("seed"), set(0, BLOCKS), seeds, OriginBudget.Terms.SEED);
        assertThat(next.isEmpty()).isFalse();
        assertThat(next.intersects(seeds)).isFalse();
        assertThat(next.intersects(peer)).isFalse();
        assertThat(budget.spentBytes()).isLessThanOrEqualTo((long) (0.02 * LENGTH));
        assertThat(budget.wasUsed()).isTrue();
    }

    @Test
    void besideASeedOnlyTheShareIsReadAndFromTheFarEnd() {
        var terms = new OriginBudget.Terms(0.02, false, 3);
        var granted = new BitSet();
        for (String name : List.of("a", "b", "c")) {
            BitSet grant = ask(peer(name), without(set(100, BLOCKS), granted), new BitSet(), terms);
            assertThat(granted.intersects(grant)).isFalse();
            granted.or(grant);
        }
        assertThat(granted).isEqualTo(set(BLOCKS - 10, BLOCKS));
        assertThat(budget.spentBytes()).isEqualTo(10L * BlockLength.SMALL);
        assertThat(budget.spentBytes()).isLessThanOrEqualTo((long) (0.02 * LENGTH));
        budget.giveBack(peer("a"));
        assertThat(ask(peer("d"), set(100, 200), new BitSet(), terms).isEmpty())
                .as("given back before a byte was read")
                .isFalse();
    }

    @Test
    void nothingIsReadBesideASeedWithoutABudget() {
        assertThat(ask(peer("a"), set(0, BLOCKS), new BitSet(), new OriginBudget.Terms(0, false, 3))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void delaysDifferAndAreShort() {
        Set<Long> delays = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            var given = hear(peer("a"), wish(set(0, BLOCKS), new BitSet(), Reading.NONE, false), ALONE);
            now += 1_000;
            delays.add(given.orElseThrow().delay().toMillis());
        }
        assertThat(delays).hasSizeGreaterThan(20).allMatch(delay -> delay < 50);
        var first = new OriginBudget()
                .hear(peer("a"), wish(set(0, 9), new BitSet(), Reading.NONE, false), ALONE, now, new Random(7));
        var again = new OriginBudget()
                .hear(peer("a"), wish(set(0, 9), new BitSet(), Reading.NONE, false), ALONE, now, new Random(7));
        assertThat(first).isEqualTo(again);
    }

    @Test
    void aWishThatCrossedItsGrantChangesNothing() {
        BitSet first = ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        now += 200;
        assertThat(ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isTrue();
        assertThat(ask(peer("b"), set(0, BLOCKS), new BitSet(), ALONE).intersects(first))
                .isFalse();
        now += 1_000;
        assertThat(ask(peer("a"), first, new BitSet(), ALONE).isEmpty())
                .as("it lost its grant")
                .isFalse();
    }

    @Test
    void besideASeedWholePiecesAreReadWhereThereIsRoom() {
        var terms = new OriginBudget.Terms(1, false, 3);
        assertThat(ask(peer("a"), set(0, BLOCKS - 3), new BitSet(), terms)).isEqualTo(set(BLOCKS - 32, BLOCKS - 3));
        assertThat(ask(peer("b"), set(0, BLOCKS - 32), new BitSet(), terms)).isEqualTo(set(BLOCKS - 48, BLOCKS - 32));
    }

    @Test
    void whatIsSpentIsSpent() {
        List<BitSet> grants = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            BitSet grant = ask(peer("a"), set(0, BLOCKS), grants.isEmpty() ? new BitSet() : grants.getLast(), ALONE);
            if (grant.isEmpty()) {
                break;
            }
            grants.add(grant);
            now += 20_000; // as if nobody ever got what was read
            assertThat(budget.spentBytes()).isLessThanOrEqualTo(LENGTH);
        }
        assertThat(ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isTrue();
        assertThat(budget.isInUse(now)).as("one peer reads the rest as ever").isFalse();
    }

    @Test
    void anOriginThatCannotBeReadInPartsIsNotAskedAgain() {
        ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        assertThat(budget.isInUse(now)).isTrue();
        hear(peer("a"), wish(new BitSet(), new BitSet(), Reading.UNFIT, false), ALONE);
        assertThat(budget.isInUse(now)).isFalse();
        assertThat(ask(peer("b"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isTrue();
    }

    @Test
    void onlyAReaderCanSayThatItCannotBeRead() {
        hear(peer("x"), wish(new BitSet(), new BitSet(), Reading.UNFIT, false), ALONE);
        assertThat(ask(peer("b"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isFalse();
    }

    @Test
    void afterSeveralFailuresInARowThisIsNoWay() {
        for (int i = 0; i < 5; i++) {
            assertThat(ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                    .isFalse();
            hear(peer("a"), wish(new BitSet(), new BitSet(), Reading.FAILED, false), ALONE);
        }
        assertThat(ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE).isEmpty())
                .isTrue();
    }

    @Test
    void whoeverDoesNotAgreeOnTheLengthEndsIt() {
        ask(peer("a"), set(0, BLOCKS), new BitSet(), ALONE);
        var other = new OriginWish(LENGTH + 1, BlockLength.SMALL, List.of(), List.of(), Reading.NONE, false);
        hear(peer("b"), other, ALONE);
        assertThat(budget.isInUse(now)).isFalse();
    }

    @Test
    void itIsInUseAsLongAsPeersAskAndAreServed() {
        assertThat(budget.isInUse(now)).isFalse();
        hear(peer("a"), wish(new BitSet(), new BitSet(), Reading.NONE, false), ALONE);
        assertThat(budget.isInUse(now + 5_000)).isTrue();
        assertThat(budget.isInUse(now + 5_001)).as("nobody is heard").isFalse();
        var noPlace = new OriginBudget.Terms(0, true, 0);
        for (int i = 0; i < 16; i++) {
            hear(peer("a"), wish(set(0, 1), new BitSet(), Reading.NONE, false), noPlace);
            now += 1_000;
        }
        assertThat(budget.isInUse(now)).as("nobody gets anything").isFalse();
    }

    private Optional<OriginGrant> hear(PeerId peer, OriginWish wish, OriginBudget.Terms terms) {
        return budget.hear(peer, wish, terms, now, random);
    }

    private BitSet ask(PeerId peer, BitSet wanted, BitSet read, OriginBudget.Terms terms) {
        return hear(peer, wish(wanted, read, Reading.NONE, !terms.alone()), terms)
                .map(grant -> BlockRange.set(grant.blocks()))
                .orElse(new BitSet());
    }

    private static OriginWish wish(BitSet wanted, BitSet read, Reading reading, boolean starved) {
        return new OriginWish(
                LENGTH,
                BlockLength.SMALL,
                BlockRange.of(wanted, OriginWish.MOST_RANGES),
                BlockRange.of(read, OriginWish.MOST_RANGES),
                reading,
                starved);
    }

    private static BitSet set(int from, int to) {
        var set = new BitSet();
        set.set(from, to);
        return set;
    }

    private static BitSet without(BitSet set, BitSet others) {
        var left = (BitSet) set.clone();
        left.andNot(others);
        return left;
    }

    private static PeerId peer(String name) {
        return new PeerId(name);
    }
}
