package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.peer.neighbour.ParentChannels;
import dev.darter.peer.storage.DiskStorage;
import dev.darter.peer.storage.StorageConfig;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.BlockClient;
import dev.darter.peer.transfer.Buffers;
import dev.darter.peer.transfer.Connections;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.peer.trust.Bans;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class MeshTest {
    private static final TaskId TASK = new TaskId("ab".repeat(32));
    private static final NetAddress NOBODY = new NetAddress("127.0.0.1", 1);
    private static final byte[] BYTES = new byte[1000];
    private static final Block BLOCK = new Block(0, BYTES.length, Sha256.hash(ByteBuffer.wrap(BYTES)));

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final ParentChannels channels = new ParentChannels(runtime);
    private final Neighbours neighbours = new Neighbours(channels);
    private final Connections connections = Connections.start(Duration.ofSeconds(1), Duration.ofSeconds(1));
    private final BlockFetcher fetcher =
            new BlockFetcher(new BlockClient(connections), new Buffers(1 << 20), RateLimiter.UNLIMITED);
    private final List<Block> counted = new ArrayList<>();
    private DiskStorage storage;
    private TaskContent content;
    private Mesh mesh;

    @BeforeEach
    void start() throws IOException {
        storage = DiskStorage.start(StorageConfig.in(directory), InstantSource.system(), _ -> {});
        content = storage.open(TASK, new PeerId("127.0.0.1-1-me"));
        content.describe(OptionalLong.of(BYTES.length), Map.of());
        content.cut(BlockLength.SMALL, PieceLength.of(BYTES.length));
        var listener = new Mesh.Listener() {
            @Override
            public void stored(MeshLink from, Block block) {
                counted.add(block);
            }

            @Override
            public void left(MeshLink link, ErrorCode code, String reason, boolean lied) {}
        };
        var proofs = new TaskProofs(content, _ -> true, 0, false);
        mesh = new Mesh(
                neighbours,
                fetcher,
                content,
                proofs,
                new Bans(),
                content.peer(),
                0,
                RateLimiter.UNLIMITED,
                _ -> {},
                listener);
        mesh.meet(NOBODY, "nobody", false);
    }

    @AfterEach
    void stop() throws IOException {
        mesh.close();
        fetcher.close();
        connections.close();
        neighbours.close();
        channels.close();
        storage.close();
        runtime.close();
    }

    /** Of two who race for a block the loser may speak first; the bytes are the winner's, and are not forgotten. */
    @Test
    void aBlockIsCountedOnceWhoeverOfTwoRacersSpeaksFirst() throws Exception {
        var _ = content.prove(0, BLOCK.sha256());
        var winner = flight();
        var loser = flight();
        TaskContent.Stored won = content.store(BLOCK, ByteBuffer.wrap(BYTES));
        TaskContent.Stored lost = content.store(BLOCK, ByteBuffer.wrap(BYTES));

        assertThat(take(loser, lost)).isFalse();
        assertThat(mesh.isUpToDate()).as("before the winner has spoken").isFalse();
        assertThat(take(winner, won)).isTrue();

        assertThat(mesh.isUpToDate()).isTrue();
        assertThat(counted).containsExactly(BLOCK);
    }

    /** Nobody has said yet what the block is: its bytes came from two, and wait. */
    @Test
    void aBlockThatWaitsForItsProofIsCountedOnce() throws Exception {
        var first = flight();
        var second = flight();
        TaskContent.Stored once = content.store(BLOCK, ByteBuffer.wrap(BYTES));
        TaskContent.Stored twice = content.store(BLOCK, ByteBuffer.wrap(BYTES));

        assertThat(take(first, once)).isTrue();
        assertThat(take(second, twice)).isFalse();

        assertThat(content.isStaged(0)).isTrue();
        assertThat(counted).containsExactly(BLOCK);
    }

    /** The first to write it hears last that it can be read: others wait for that word, and it is no second block. */
    @Test
    void aBlockThatIsReadableOnlyNowMovesTheDownloadOnAndIsNotCountedAgain() throws Exception {
        var first = flight();
        var second = flight();
        TaskContent.Stored staged = content.store(BLOCK, ByteBuffer.wrap(BYTES));
        assertThat(take(second, staged)).isTrue();
        var _ = content.prove(0, BLOCK.sha256());

        assertThat(take(first, TaskContent.Stored.NEW)).isTrue();

        assertThat(counted).containsExactly(BLOCK);
    }

    private boolean take(Flight flight, TaskContent.Stored stored) throws IOException {
        return mesh.take(new Mesh.Event.Came(flight, BLOCK, stored), 0);
    }

    private static Flight flight() {
        return new Flight(new MeshLink(NOBODY, "nobody", true, false), List.of(BLOCK), 0, Long.MAX_VALUE);
    }
}
