package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.PieceLength;
import dev.darter.core.TaskId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.storage.DiskStorage;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.BlockClient;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.Connections;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.peer.trust.Bans;
import dev.darter.wire.client.BlockStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody answers: what was asked stays open. */
final class AskingTest {
    private static final int BLOCKS = 64;
    private static final MeshRules RULES = MeshRules.DEFAULT;
    private static final PeerId ME = new PeerId("127.0.0.1-1-me");

    private final Connections connections = Connections.start(Duration.ofSeconds(1), Duration.ofSeconds(1));
    private final BlockFetcher fetcher =
            new BlockFetcher(new BlockClient(connections), new Buffers(1 << 20), RateLimiter.UNLIMITED);
    private final Flights flights = new Flights();
    private final MeshLinks links = new MeshLinks(RULES, ME, new Bans(), _ -> {}, _ -> {});
    private DiskStorage storage;
    private Asking asking;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        storage = DiskStorage.start(StorageConfig.in(directory), InstantSource.system(), _ -> {});
        TaskContent content = storage.open(new TaskId("ab".repeat(32)), ME);
        content.describe(OptionalLong.of((long) BLOCKS * BlockLength.SMALL), Map.of());
        content.cut(BlockLength.SMALL, PieceLength.of(0));
        asking = new Asking(
                fetcher,
                content,
                ME,
                RateLimiter.UNLIMITED,
                links,
                flights,
                new DoubtfulPieces(),
                new BitSet(),
                _ -> {});
    }

    @AfterEach
    void stop() throws IOException {
        flights.stopAll();
        fetcher.close();
        connections.close();
        storage.close();
    }

    @Test
    void whatNobodyOfThisPlaceHasIsAskedForElsewhereAFewBlocksAtATime() {
        MeshLink near = neighbour("near", false, false, 1);
        for (int i = 1; i < RULES.firstLinks(); i++) {
            neighbour("far-" + i, true, false, BLOCKS);
        }

        asking.start(all(), 0);

        assertThat(near.requests()).isEqualTo(1);
        assertThat(farRequests()).isEqualTo(RULES.mostFarRequests());
    }

    @Test
    void whatANeighbourOfThisPlaceHasIsNotAskedForElsewhere() {
        neighbour("far", true, false, BLOCKS);
        MeshLink near = neighbour("near", false, false, BLOCKS);

        asking.start(all(), 0);

        assertThat(near.requests()).isPositive();
        assertThat(farRequests()).isZero();
    }

    @Test
    void firstCopiesAreTakenFromElsewhereWhereNobodyThereTakesThem() {
        MeshLink seed = neighbour("seed", true, true, 0);

        asking.start(all(), 0);

        assertThat(seed.mayAskNext(0, RULES.nextPerLink()))
                .as("has room for more")
                .isFalse();
    }

    @Test
    void firstCopiesAreLeftToThoseOverThereAsLongAsThereIsSomethingElse() {
        neighbour("near", false, false, 1);
        asking.start(all(), 0);
        neighbour("far", true, false, 1);
        MeshLink seed = neighbour("seed", true, true, 0);

        asking.start(all(), 0);

        assertThat(asking.asksNobody()).isFalse();
        assertThat(seed.mayAskNext(0, 1)).as("is not asked").isTrue();
    }

    @Test
    void firstCopiesAreTakenFromElsewhereWhereNothingElseIsToBeHad() {
        neighbour("far", true, false, 0);
        MeshLink seed = neighbour("seed", true, true, 0);

        asking.start(all(), 0);

        assertThat(seed.mayAskNext(0, RULES.nextPerLink()))
                .as("has room for more")
                .isFalse();
    }

    private MeshLink neighbour(String name, boolean far, boolean handsOut, int blocks) {
        links.meet(new NetAddress(name + ".example", 1), name, far, System.nanoTime());
        MeshLink link = links.all().stream()
                .filter(other -> other.peer().equals(name))
                .findAny()
                .orElseThrow();
        link.hear(new BlockStream.News.Blocks(
                1,
                name,
                "127.0.0.1:1",
                (long) BLOCKS * BlockLength.SMALL,
                BlockLength.SMALL,
                PieceLength.of(0),
                Map.of(),
                IntStream.range(0, blocks)
                        .mapToObj(number -> Block.unclaimed(number, BlockLength.SMALL))
                        .toList(),
                List.of(),
                handsOut,
                List.of(),
                List.of()));
        return link;
    }

    private int farRequests() {
        return links.all().stream()
                .filter(MeshLink::isFar)
                .mapToInt(MeshLink::requests)
                .sum();
    }

    private static BitSet all() {
        var all = new BitSet();
        all.set(0, BLOCKS);
        return all;
    }
}
