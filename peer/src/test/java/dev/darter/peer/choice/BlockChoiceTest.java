package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockChoiceTest {
    private final BlockChoice choice = new BlockChoice(17);

    @Test
    void takesTheRarestFirst() {
        var offers = List.of(offer(0, 0, 0, 0, 1, 2), offer(1, 0, 0, 0, 1), offer(2, 0, 0, 0));
        assertThat(next(set(0, 1, 2), offers)).isEqualTo(2);
        assertThat(next(set(0, 1), offers)).isEqualTo(1);
    }

    @Test
    void takesTheRarestOfAnyNumberOfBlocksAndNeighbours() {
        var random = new Random(5);
        for (int round = 0; round < 300; round++) {
            int blocks = 1 + random.nextInt(round % 2 == 0 ? 200 : 3000);
            var offers = new ArrayList<BlockOffer>();
            for (int i = 0; i <= random.nextInt(70); i++) {
                offers.add(new BlockOffer(i, some(blocks, random), random.nextInt(4), 0, false));
            }
            BitSet wanted = some(blocks, random);
            BitSet givable = new BitSet();
            offers.stream().filter(offer -> offer.requests() < 2).forEach(offer -> givable.or(offer.blocks()));
            givable.and(wanted);

            var request = choice.next(wanted, List.of(), offers, 2, BlockLength.SMALL);

            assertThat(request.isPresent()).isEqualTo(!givable.isEmpty());
            request.ifPresent(chosen -> {
                long fewest = givable.stream()
                        .mapToLong(block -> holders(block, offers))
                        .min()
                        .orElseThrow();
                assertThat(givable.get(chosen.first())).isTrue();
                if (blocks <= 200) { // beyond, only a window is looked at
                    assertThat(holders(chosen.first(), offers)).isEqualTo(fewest);
                }
            });
        }
    }

    private static long holders(int block, List<BlockOffer> offers) {
        return offers.stream().filter(offer -> offer.blocks().get(block)).count();
    }

    private static BitSet some(int blocks, Random random) {
        var set = new BitSet();
        for (int block = 0; block < blocks; block++) {
            set.set(block, random.nextBoolean());
        }
        return set;
    }

    @Test
    void takesNothingThatIsNotWanted() {
        assertThat(choice.next(set(5), List.of(), List.of(offer(0, 0, 0, 1, 2, 3)), 2, BlockLength.SMALL))
                .isEmpty();
    }

    @Test
    void asksNobodyWhoHasEnoughToDo() {
        var offers = List.of(offer(0, 2, 0, 7), offer(1, 1, 0, 7));
        assertThat(choice.next(set(7), List.of(), offers, 2, BlockLength.SMALL))
                .map(BlockChoice.Request::neighbour)
                .contains(1);
        assertThat(choice.next(set(7), List.of(), List.of(offer(0, 2, 0, 7)), 2, BlockLength.SMALL))
                .isEmpty();
    }

    @Test
    void asksTheFasterOfTwoThatHaveNothingToDo() {
        var offers = List.of(offer(0, 0, 1_000_000, 7), offer(1, 0, 10_000_000, 7));
        assertThat(choice.next(set(7), List.of(), offers, 2, BlockLength.SMALL))
                .map(BlockChoice.Request::neighbour)
                .contains(1);
    }

    @Test
    void asksWhoHandsOutOnlyForWhatNobodyElseHas() {
        var handsOut = new BlockOffer(0, set(1, 2), 0, 1e9, true);
        var sibling = new BlockOffer(1, set(1), 1, 1e3, false);
        assertThat(choice.next(set(1), List.of(), List.of(handsOut, sibling), 2, BlockLength.SMALL))
                .map(BlockChoice.Request::neighbour)
                .contains(1);
        assertThat(choice.next(set(2), List.of(), List.of(handsOut, sibling), 2, BlockLength.SMALL))
                .map(BlockChoice.Request::neighbour)
                .contains(0);
    }

    @Test
    void waitsForABusyNeighbourRatherThanAskWhoHandsOut() {
        var handsOut = new BlockOffer(0, set(1), 0, 1e9, true);
        var busy = offer(1, 2, 1e6, 1);

        assertThat(choice.next(set(1), List.of(), List.of(handsOut, busy), 2, BlockLength.SMALL))
                .isEmpty();
        var sentUsAway = offer(1, Offers.BUSY, 1e6, 1);
        assertThat(choice.next(set(1), List.of(), List.of(handsOut, sentUsAway), 2, BlockLength.SMALL))
                .isEmpty();
        assertThat(choice.next(set(1), List.of(1), List.of(handsOut, sentUsAway), 2, BlockLength.SMALL))
                .as("when a reader waits for it")
                .isPresent();
        assertThat(choice.next(set(1), List.of(), List.of(handsOut), 2, BlockLength.SMALL))
                .as("when the other is gone")
                .isPresent();
    }

    @Test
    void whatAReaderWaitsForComesFirst() {
        var offers = List.of(offer(0, 0, 0, 0, 1, 2, 3), offer(1, 0, 0, 0, 1, 2));
        assertThat(choice.next(set(0, 1, 2, 3), List.of(1, 2), offers, 2, BlockLength.SMALL))
                .map(BlockChoice.Request::first)
                .contains(1);
    }

    @Test
    void asksAFastNeighbourForARunAndASlowOneForABlock() {
        BitSet all = range(0, 1000);
        var fast = new BlockOffer(0, all, 0, 400e6, false);
        var slow = new BlockOffer(0, all, 0, 1e6, false);
        assertThat(choice.next(range(0, 1000), List.of(), List.of(slow), 2, BlockLength.SMALL))
                .map(BlockChoice.Request::count)
                .contains(1);
        var run = choice.next(range(0, 1000), List.of(), List.of(fast), 2, BlockLength.SMALL)
                .orElseThrow();
        assertThat(run.count()).isLessThanOrEqualTo(32);
        assertThat(run.first() + run.count()).isLessThanOrEqualTo(1000);
    }

    @Test
    void aRunEndsWhereSomethingIsNotWantedOrNotThere() {
        BitSet wanted = range(0, 100);
        wanted.clear(3);
        var fast = new BlockOffer(0, range(0, 6), 0, 400e6, false);
        for (int salt = 0; salt < 50; salt++) {
            var request = new BlockChoice(salt)
                    .next(wanted, List.of(), List.of(fast), 2, BlockLength.SMALL)
                    .orElseThrow();
            for (int i = 0; i < request.count(); i++) {
                assertThat(wanted.get(request.first() + i)).isTrue();
                assertThat(fast.blocks().get(request.first() + i)).isTrue();
            }
        }
    }

    @Test
    void peersThatSeeTheSameChooseDifferently() {
        var offers = List.of(new BlockOffer(0, range(0, 64), 0, 0, false));
        var first = new HashSet<Integer>();
        for (int peer = 0; peer < 64; peer++) {
            first.add(new BlockChoice(("peer-" + peer).hashCode())
                    .next(range(0, 64), List.of(), offers, 2, BlockLength.SMALL)
                    .orElseThrow()
                    .first());
        }
        assertThat(first).hasSizeGreaterThan(32);
    }

    @Test
    void findsTheLastMissingBlockOfLargeContent() {
        var offers = List.of(new BlockOffer(0, range(0, 200_000), 0, 0, false));
        for (int block : new int[] {0, 2047, 2048, 99_999, 199_999}) {
            assertThat(choice.next(set(block), List.of(), offers, 2, BlockLength.LARGE))
                    .map(BlockChoice.Request::first)
                    .contains(block);
        }
    }

    private int next(BitSet wanted, List<BlockOffer> offers) {
        Optional<BlockChoice.Request> request = choice.next(wanted, List.of(), offers, 2, BlockLength.SMALL);
        return request.orElseThrow().first();
    }

    private static BlockOffer offer(int neighbour, int requests, double rate, int... blocks) {
        return new BlockOffer(neighbour, set(blocks), requests, rate, false);
    }

    private static BitSet set(int... blocks) {
        var set = new BitSet();
        for (int block : blocks) {
            set.set(block);
        }
        return set;
    }

    private static BitSet range(int from, int to) {
        var set = new BitSet();
        set.set(from, to);
        return set;
    }
}
