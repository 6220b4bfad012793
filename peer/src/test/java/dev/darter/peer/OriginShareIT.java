package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.CodedException;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.peer.task.DownloadConfig;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.OriginMapper;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Daemons whose only reader of the origin dies when half of the content is read. The scheduler is one that gives each of them a few of the blocks
 * that they wish for, none twice.
 */
@Timeout(90)
final class OriginShareIT {
    private static final int MIB = 1 << 20;
    private static final int HALF = 16 * MIB;
    private static final int GRANT = 6;
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final SigningKey key = SigningKey.generate();
    private final byte[] content = TestOrigin.bytes(2 * HALF + 11);
    private final Map<String, FakeScheduler.Parent> peers = new ConcurrentHashMap<>();
    private final Map<String, BitSet> granted = new ConcurrentHashMap<>();

    /** Who was given blocks and has not said anything of them. */
    private final Set<String> silent = new HashSet<>();

    private final List<OriginWish> wishes = new ArrayList<>();
    private final List<Joined> downloads = new ArrayList<>();
    private volatile boolean grantsToTheStarved;
    private TestOrigin origin;
    private TestOrigin.Page page;
    private FakeScheduler scheduler;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        page = origin.put("/f", content).gateAt(HALF);
        scheduler = FakeScheduler.start(runtime)
                .onRegister(request -> RegisterResult.newBuilder()
                        .setTaskId(request.getTaskId())
                        .addDarterFeatures(Features.MARK)
                        .setDarterSchedulerKey(
                                ByteString.copyFrom(key.verifyKey().toBytes()))
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        page.open();
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
        scheduler.close();
        origin.close();
        runtime.close();
    }

    @Test
    void severalReadTheRestInDisjointPartsAndEverybodyGetsAllOfIt() throws Exception {
        PeerDaemon reader = startReaderAndFollowers(3);
        kill(reader);

        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
            assertThat(joined.content().proofs().isWhole()).as("all is signed").isTrue();
        }
        assertThat(granted).as("readers").hasSizeGreaterThan(1);
        long byFollowers = downloads.stream()
                .mapToLong(joined -> joined.sources().origin())
                .sum();
        assertThat(downloads.stream().filter(joined -> joined.sources().origin() > 0))
                .hasSizeGreaterThan(1);
        assertThat(byFollowers).as("together what was missing, once").isBetween((long) HALF - MIB, HALF + 3L * MIB);
        assertThat(origin.bytesSent()).isLessThan((long) (1.1 * content.length));
    }

    @Test
    void besideAReaderThatDeliversNothingTheStarvedReadTheRest() throws Exception {
        grantsToTheStarved = true;
        PeerDaemon reader = startReaderAndFollowers(3);
        assertThat(reader).isNotNull();
        page.gateAt(Integer.MAX_VALUE); // for everybody else: whoever waits goes on waiting

        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
        }
        synchronized (wishes) {
            assertThat(wishes.stream().filter(wish -> !wish.wanted().isEmpty()))
                    .isNotEmpty()
                    .allMatch(OriginWish::starved);
        }
        assertThat(origin.bytesSent()).isLessThan((long) (1.1 * content.length));
    }

    @Test
    void nobodyReadsAnythingWhileSomebodyGivesItOut() throws Exception {
        PeerDaemon reader = startReaderAndFollowers(2);
        assertThat(reader).isNotNull();
        page.open();
        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(joined.sources().origin()).isZero();
        }
        synchronized (wishes) {
            assertThat(wishes).allMatch(wish -> wish.starved() || wish.wanted().isEmpty());
        }
    }

    @Test
    void anotherVersionIsNotMixedInAndTheErrorSaysSo() throws Exception {
        PeerDaemon reader = startReaderAndFollowers(2);
        page.change(TestOrigin.bytes(2 * HALF + 11 + 4 * MIB));
        kill(reader);
        awaitUnfit();

        scheduler.talks().stream().skip(1).forEach(talk -> talk.backToSource(warrant(talk, List.of())));
        for (Joined joined : downloads) {
            assertThatThrownBy(() -> joined.await(LONG))
                    .isInstanceOf(CodedException.class)
                    .hasMessageContaining("the content changed");
            assertThat(joined.content().readableBlocks().length())
                    .as("nothing of the other version")
                    .isLessThanOrEqualTo(HALF / BlockLength.SMALL);
        }
    }

    @Test
    void anOriginWithoutRangesIsReadByOneAsEver() throws Exception {
        PeerDaemon reader = startReaderAndFollowers(2);
        page.withoutRanges();
        kill(reader);
        awaitUnfit();

        var talk = scheduler.talks().get(1);
        talk.backToSource(warrant(talk, List.of()));
        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
        }
    }

    private void awaitUnfit() {
        await().atMost(LONG).until(() -> {
            synchronized (wishes) {
                return wishes.stream().anyMatch(wish -> wish.reading() == Reading.UNFIT);
            }
        });
    }

    /** A daemon that reads the origin up to the half, and others that have got all of that. */
    private PeerDaemon startReaderAndFollowers(int followers) throws Exception {
        scheduler.onBegin(talk -> talk.backToSource(warrant(talk, List.of())));
        PeerDaemon reader = daemon("reader");
        Joined readers = join(reader);
        peers.put(readers.peer().value(), parent(reader, readers));
        scheduler.awaitTalk(0);
        scheduler.onBegin(_ -> {});
        for (int i = 0; i < followers; i++) {
            PeerDaemon daemon = daemon("p" + i);
            Joined joined = join(daemon);
            downloads.add(joined);
            peers.put(joined.peer().value(), parent(daemon, joined));
        }
        var talk = scheduler.awaitTalk(followers);
        assertThat(talk).isNotNull();
        scheduler.talks().stream().skip(1).forEach(to -> {
            to.neighbours(
                    Integrity.SIGNED,
                    peers.values().stream()
                            .filter(peer -> !peer.peerId().equals(to.peer()))
                            .toArray(FakeScheduler.Parent[]::new));
        });
        for (Joined joined : downloads) {
            await().atMost(LONG)
                    .until(() -> joined.content().readableBlocks().cardinality() >= HALF / BlockLength.SMALL);
        }
        parts.add(answering());
        return reader;
    }

    private void kill(PeerDaemon reader) throws Exception {
        parts.remove(reader);
        page.gateAt(Integer.MAX_VALUE);
        reader.close();
    }

    /** Answers every wish as the real one does. */
    private AutoCloseable answering() {
        var thread = Thread.ofVirtual().start(() -> {
            int seen = 0;
            try {
                while (true) {
                    List<PieceResult> all = scheduler.all(PieceResult.class);
                    for (; seen < all.size(); seen++) {
                        if (all.get(seen).hasDarterOrigin()) {
                            answer(all.get(seen));
                        }
                    }
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                // the test is over
            }
        });
        return () -> {
            thread.interrupt();
            thread.join();
        };
    }

    private void answer(PieceResult message) {
        OriginWish wish = OriginMapper.wish(message.getDarterOrigin());
        boolean unfit;
        synchronized (wishes) {
            wishes.add(wish);
            unfit = wishes.stream().anyMatch(one -> one.reading() == Reading.UNFIT);
        }
        if (!wish.read().isEmpty() || wish.reading() != Reading.NONE) {
            silent.remove(message.getSrcPid());
        }
        if (unfit || (wish.starved() && !grantsToTheStarved) || wish.reading() == Reading.UNDER_WAY) {
            return;
        }
        if (wish.reading() == Reading.NONE && wish.read().isEmpty() && silent.contains(message.getSrcPid())) {
            return; // it wished again before it had heard of its grant, and would read only one of two
        }
        BitSet free = BlockRange.set(wish.wanted());
        granted.values().forEach(free::andNot);
        var mine = new BitSet();
        for (int block = free.nextSetBit(0); block >= 0 && mine.cardinality() < GRANT; ) {
            mine.set(block);
            block = free.nextSetBit(block + 1);
        }
        if (mine.isEmpty()) {
            return;
        }
        silent.add(message.getSrcPid());
        granted.computeIfAbsent(message.getSrcPid(), _ -> new BitSet()).or(mine);
        List<BlockRange> blocks = BlockRange.of(mine, GRANT);
        var talk = scheduler.talks().stream()
                .filter(one -> one.peer().equals(message.getSrcPid()))
                .findFirst()
                .orElseThrow();
        talk.send(PeerPacket.newBuilder()
                .setCode(Code.Success)
                .setDarterGrant(OriginMapper.toWire(new OriginGrant(blocks, Duration.ZERO)))
                .setDarterWarrant(ProofMapper.toWire(warrant(talk, blocks)))
                .build());
    }

    private SignedWarrant warrant(FakeScheduler.Talk talk, List<BlockRange> blocks) {
        PeerTaskRequest request = scheduler.awaitOne(
                PeerTaskRequest.class, asked -> asked.getPeerId().equals(talk.peer()));
        var its = VerifyKey.of(request.getPeerHost().getDarterKey().toByteArray());
        return ProofMapper.sign(key, new Warrant(new TaskId(talk.task()), 1, its, blocks));
    }

    private PeerDaemon daemon(String name) throws IOException {
        PeerDaemon daemon = TestPeer.start(
                name,
                directory,
                scheduler.address(),
                runtime,
                // Long waits are what this is about: nobody is to be blamed for them.
                also -> also.download(DownloadConfig.DEFAULT));
        parts.add(daemon);
        return daemon;
    }

    private Joined join(PeerDaemon daemon) throws InterruptedException {
        return daemon.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
    }

    private static FakeScheduler.Parent parent(PeerDaemon daemon, Joined joined) {
        return new FakeScheduler.Parent(joined.peer().value(), new NetAddress("127.0.0.1", daemon.rpcPort()));
    }
}
