package dev.darter.peer.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.PeerId;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.DiskStorage;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.HandOut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandOutsTest {
    private static final TaskId TASK = new TaskId("cd".repeat(32));
    private static final int BLOCKS = 12;

    private final AtomicLong nanos = new AtomicLong();
    private final HandOuts handOuts = new HandOuts(nanos::get);
    private DiskStorage storage;
    private TaskContent content;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        storage = DiskStorage.start(
                new StorageConfig(directory, Duration.ofHours(1), Duration.ofHours(1), 0, 0, true),
                InstantSource.system(),
                _ -> {});
        content = storage.open(TASK, new PeerId("127.0.0.1-1-seed"));
        content.describe(OptionalLong.of((long) BLOCKS * BlockLength.SMALL), Map.of());
        content.cut(BlockLength.SMALL, PieceLength.of(0));
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void givesEveryBlockOnceHoweverManyAsk() throws Exception {
        handOuts.begin(content);
        land(BLOCKS);
        content.finishPieces();
        content.complete((long) BLOCKS * BlockLength.SMALL);
        var given = ConcurrentHashMap.<Integer>newKeySet();
        var twice = ConcurrentHashMap.<Integer>newKeySet();
        var children = new HashSet<Thread>();
        for (int child = 0; child < 4; child++) {
            String name = "child-" + child;
            children.add(Thread.startVirtualThread(() -> {
                while (next(name) instanceof HandOut.Given(List<Block> run)) {
                    handOuts.sent(content, run);
                    run.stream()
                            .map(Block::number)
                            .filter(block -> !given.add(block))
                            .forEach(twice::add);
                }
            }));
        }
        for (Thread child : children) {
            child.join();
        }
        assertThat(given).hasSize(BLOCKS);
        assertThat(twice).isEmpty();
        assertThat(handOuts.handsOut(content)).isFalse();
        assertThat(next("child-0")).isInstanceOf(HandOut.Nothing.class);
    }

    @Test
    void aChildWaitsForTheNextBlockThatLands() throws Exception {
        handOuts.begin(content);
        var got = new CompletableFuture<HandOut.Next>();
        Thread.startVirtualThread(() -> got.complete(next("child")));
        land(1);
        assertThat(got.get())
                .isInstanceOfSatisfying(
                        HandOut.Given.class, given -> assertThat(number(given)).isZero());
    }

    @Test
    void givesSeveralThatFollowEachOtherToWhoTakesSeveral() throws Exception {
        handOuts.begin(content);
        land(5);
        var had = new BitSet();
        had.set(3);
        handOuts.came(TASK, "quick", had);
        assertThat(numbers("quick", 2)).containsExactly(0, 1);
        assertThat(numbers("quick", 9)).as("up to what it has").containsExactly(2);
        assertThat(numbers("other", 9)).as("as many as there are").containsExactly(3, 4);
    }

    @Test
    void givesNobodyWhatItHad() throws Exception {
        handOuts.begin(content);
        land(2);
        var had = new BitSet();
        had.set(0);
        handOuts.came(TASK, "resumed", had);
        assertThat(next("resumed"))
                .isInstanceOfSatisfying(
                        HandOut.Given.class, given -> assertThat(number(given)).isEqualTo(1));
        handOuts.went(TASK, "resumed");
        assertThat(next("other"))
                .isInstanceOfSatisfying(
                        HandOut.Given.class, given -> assertThat(number(given)).isZero());
    }

    @Test
    void givesToAnotherWhatCouldNotBeSent() throws Exception {
        handOuts.begin(content);
        land(2);
        if (!(next("child") instanceof HandOut.Given(List<Block> run))) {
            throw new AssertionError("nothing was given");
        }
        handOuts.takeBack(content, run);
        assertThat(next("other")).isEqualTo(new HandOut.Given(run));
        assertThat(next("child"))
                .isInstanceOfSatisfying(
                        HandOut.Given.class, given -> assertThat(number(given)).isEqualTo(1));
    }

    @Test
    void tellsOnlyOfWhatSomebodyHasHadForAWhile() throws Exception {
        handOuts.begin(content);
        land(2);
        assertThat(mayTell(0)).isFalse();
        if (!(next("child") instanceof HandOut.Given(List<Block> run))) {
            throw new AssertionError("nothing was given");
        }
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(mayTell(0)).as("on its way").isFalse();
        handOuts.sent(content, run);
        assertThat(mayTell(0)).as("just come").isFalse();
        nanos.addAndGet(Duration.ofSeconds(40).toNanos());
        assertThat(mayTell(0)).isTrue();
        assertThat(mayTell(1)).isFalse();
    }

    @Test
    void whoGetsOnMuchMoreSlowlyThanTheOthersGetsNothingWhileTheyAsk() throws Exception {
        handOuts.begin(content);
        land(BLOCKS);
        assertThat(next("slow", 0)).isInstanceOf(HandOut.Given.class);
        assertThat(next("quick", 0)).isInstanceOf(HandOut.Given.class);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(next("quick", 100)).isInstanceOf(HandOut.Given.class);
        assertThat(next("slow", 10)).isInstanceOf(HandOut.Later.class);
        assertThat(next("quick", 100)).isInstanceOf(HandOut.Given.class);
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(next("slow", 30)).as("nobody else asks").isInstanceOf(HandOut.Given.class);
    }

    @Test
    void whoIsAheadWaitsForTheOthersButNotForEver() throws Exception {
        handOuts.begin(content);
        land(BLOCKS);
        for (String child : new String[] {"a", "b", "c"}) {
            assertThat(next(child)).isInstanceOf(HandOut.Given.class);
        }
        nanos.addAndGet(Duration.ofMillis(50).toNanos());
        for (int i = 0; i < 3; i++) {
            assertThat(next("a")).isInstanceOf(HandOut.Given.class);
        }
        assertThat(next("a")).isInstanceOf(HandOut.Later.class);
        assertThat(next("b")).isInstanceOf(HandOut.Given.class);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(next("a")).as("it was long ago").isInstanceOf(HandOut.Given.class);
    }

    @Test
    void whoIsShunnedByTheOthersGetsNothingWhileTheyAsk() throws Exception {
        handOuts.begin(content);
        land(BLOCKS);
        for (String child : new String[] {"liar", "a", "b"}) {
            handOuts.came(TASK, child, new BitSet());
            assertThat(next(child)).isInstanceOf(HandOut.Given.class);
        }
        nanos.addAndGet(Duration.ofMillis(50).toNanos());
        handOuts.shuns(TASK, "a", "liar");
        handOuts.shuns(TASK, "stranger", "liar");
        assertThat(next("liar")).as("one of two says so").isInstanceOf(HandOut.Given.class);
        nanos.addAndGet(Duration.ofMillis(50).toNanos());
        handOuts.shuns(TASK, "b", "liar");
        assertThat(next("liar")).isInstanceOf(HandOut.Later.class);
        assertThat(mayTell(0)).as("only the liar has it").isTrue();
        assertThat(mayTell(1)).isFalse();
        assertThat(next("a")).isInstanceOf(HandOut.Given.class);
        nanos.addAndGet(Duration.ofMillis(50).toNanos());
        handOuts.went(TASK, "b");
        assertThat(next("liar")).as("who said so has gone").isInstanceOf(HandOut.Given.class);
    }

    @Test
    void whoIsNotTheFirstHandsNothingOut() throws Exception {
        land(1);
        assertThat(next("child")).isInstanceOf(HandOut.Nothing.class);
        assertThat(mayTell(0)).isTrue();
    }

    private boolean mayTell(int block) {
        var blocks = new BitSet();
        blocks.set(block);
        handOuts.keepBack(content, blocks);
        return blocks.get(block);
    }

    private static int number(HandOut.Given given) {
        assertThat(given.run()).hasSize(1);
        return given.run().getFirst().number();
    }

    private HandOut.Next next(String child) {
        return next(child, -1);
    }

    private List<Integer> numbers(String child, int most) throws InterruptedException {
        return handOuts.next(content, new HandOut.Child(child, -1, most)) instanceof HandOut.Given(List<Block> run)
                ? run.stream().map(Block::number).toList()
                : List.of();
    }

    private HandOut.Next next(String child, long has) {
        try {
            return handOuts.next(content, new HandOut.Child(child, has, 1));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void land(int blocks) throws IOException {
        for (int number = 0; number < blocks; number++) {
            var bytes = ByteBuffer.allocate(BlockLength.SMALL).putInt(0, number);
            content.prove(number, Sha256.hash(bytes));
            assertThat(content.store(Block.unclaimed(number, BlockLength.SMALL), bytes))
                    .isEqualTo(TaskContent.Stored.NEW);
        }
    }
}
