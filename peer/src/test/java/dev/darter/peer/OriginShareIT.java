package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.core.SigningKey;
import dev.darter.core.UrlMeta;
import dev.darter.peer.task.DownloadConfig;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final SigningKey key = SigningKey.generate();
    private final byte[] content = TestOrigin.bytes(2 * HALF + 11);
    private final Map<String, FakeScheduler.Parent> peers = new ConcurrentHashMap<>();
    private final List<Joined> downloads = new ArrayList<>();
    private TestOrigin origin;
    private TestOrigin.Page page;
    private FakeScheduler scheduler;
    private Grants grants;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        page = origin.put("/f", content).gateAt(HALF);
        scheduler = FakeScheduler.start(runtime).takingWishes(key);
        grants = new Grants(scheduler, key);
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
        assertThat(grants.readers()).as("readers").hasSizeGreaterThan(1);
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
        grants.alsoToTheStarved();
        PeerDaemon reader = startReaderAndFollowers(3);
        assertThat(reader).isNotNull();
        page.gateAt(Integer.MAX_VALUE); // for everybody else: whoever waits goes on waiting

        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
        }
        assertThat(grants.wishes().stream().filter(wish -> !wish.wanted().isEmpty()))
                .isNotEmpty()
                .allMatch(OriginWish::starved);
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
        assertThat(grants.wishes())
                .allMatch(wish -> wish.starved() || wish.wanted().isEmpty());
    }

    @Test
    void anotherVersionIsNotMixedInAndTheErrorSaysSo() throws Exception {
        PeerDaemon reader = startReaderAndFollowers(2);
        page.change(TestOrigin.bytes(2 * HALF + 11 + 4 * MIB));
        kill(reader);
        awaitUnfit();

        scheduler.talks().stream().skip(1).forEach(talk -> talk.backToSource(grants.warrant(talk, List.of())));
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
        talk.backToSource(grants.warrant(talk, List.of()));
        for (Joined joined : downloads) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
        }
    }

    private void awaitUnfit() {
        await().atMost(LONG).until(() -> grants.wishes().stream().anyMatch(wish -> wish.reading() == Reading.UNFIT));
    }

    /** A daemon that reads the origin up to the half, and others that have got all of that. */
    private PeerDaemon startReaderAndFollowers(int followers) throws Exception {
        scheduler.onBegin(talk -> talk.backToSource(grants.warrant(talk, List.of())));
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
        parts.add(grants.start());
        return reader;
    }

    private void kill(PeerDaemon reader) throws Exception {
        parts.remove(reader);
        page.gateAt(Integer.MAX_VALUE);
        reader.close();
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
