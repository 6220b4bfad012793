package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.SeedShare;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.peer.task.DownloadConfig;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.wire.client.SeedOrder;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Seed peers that read one content together, below a scheduler that gives each of them a few blocks at a time. */
@Timeout(90)
final class SeedsTogetherIT {
    private static final long MIB = 1 << 20;
    private static final long FRONT = 36 * MIB;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final SigningKey key = SigningKey.generate();
    private final byte[] content = TestOrigin.bytes((int) (68 * MIB + 11));
    private TestOrigin origin;
    private TestOrigin.Page page;
    private FakeScheduler scheduler;
    private Grants grants;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        page = origin.put("/f", content);
        scheduler = FakeScheduler.start(runtime).takingWishes(key);
        grants = new Grants(scheduler, key);
        grants.alsoToTheStarved();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
        scheduler.close();
        origin.close();
        runtime.close();
    }

    @Test
    void theFirstReadsTheFrontAndBothReadTheRestOnce() throws Exception {
        parts.add(grants.start());
        page.gateAt((int) FRONT / 2); // until the other one has begun
        PeerDaemon first = daemon("first");
        Joined firsts = bringsIn(first);
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, parent(first, firsts)));
        PeerDaemon second = daemon("second");
        Joined seconds = helps(second);
        scheduler.awaitTalk(0);
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, parent(second, seconds)));
        page.open();

        for (Joined joined : List.of(firsts, seconds)) {
            assertThat(joined.await(LONG)).isTrue();
            assertThat(TestPeer.read(joined)).isEqualTo(content);
            assertThat(joined.content().proofs().isWhole()).as("all is signed").isTrue();
        }
        assertThat(firsts.sources().origin()).as("the front at least").isGreaterThanOrEqualTo(FRONT);
        assertThat(seconds.sources().origin()).isGreaterThan(2 * MIB);
        assertThat(firsts.sources().origin() + seconds.sources().origin())
                .as("together all of it, once")
                .isBetween((long) content.length, content.length + 3 * MIB);
        assertThat(grants.readers().values())
                .as("nothing of the front")
                .allMatch(blocks -> blocks.nextSetBit(0) >= FRONT / (256 << 10));
    }

    @Test
    void whoHelpsGoesOnInPartsWhenTheFirstIsLost() throws Exception {
        parts.add(grants.start());
        page.gateAt((int) FRONT / 2);
        PeerDaemon first = daemon("first");
        Joined firsts = bringsIn(first);
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, parent(first, firsts)));
        PeerDaemon second = daemon("second");
        Joined seconds = helps(second);
        await().atMost(LONG).until(() -> !grants.readers().isEmpty());
        parts.remove(first);
        first.close();
        page.open();

        var order = new SeedOrder(Optional.of(warrant("second")), SeedShare.ALONE);
        assertThat(second.tasks().seed(spec(), order).peer()).isEqualTo(seconds.peer());
        assertThat(seconds.await(LONG)).isTrue();
        assertThat(TestPeer.read(seconds)).isEqualTo(content);
        assertThat(seconds.content().proofs().isWhole()).as("all is signed").isTrue();
        assertThat(seconds.sources().origin()).isLessThanOrEqualTo(content.length);
        assertThat(grants.readers().values())
                .as("the front as well")
                .anyMatch(blocks -> blocks.nextSetBit(0) < FRONT / (256 << 10));
    }

    @Test
    void whereNobodyComesToHelpTheFirstReadsAllOfIt() throws Exception {
        parts.add(grants.start());
        PeerDaemon first = daemon("first");
        Joined joined = bringsIn(first);

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(grants.readers()).as("behind the front").isNotEmpty();
        assertThat(joined.sources().origin()).isEqualTo(content.length);
    }

    @Test
    void aSchedulerThatGrantsNothingIsNotWaitedForForLong() throws Exception {
        PeerDaemon first = daemon("first");
        Joined joined = bringsIn(first);

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.content().proofs().isWhole()).isTrue();
        assertThat(joined.sources().origin()).isEqualTo(content.length);
    }

    @Test
    void aHelperThatCannotRegisterLeavesTheOriginToTheFirst() throws Exception {
        PeerDaemon second = daemon("second");
        scheduler.onRegister(_ -> {
            throw new CodedException(ErrorCode.SCHED_FORBIDDEN, "not here");
        });
        Joined joined = helps(second);

        assertThatThrownBy(() -> joined.await(LONG))
                .isInstanceOf(CodedException.class)
                .hasMessageContaining("not here");
        assertThat(origin.bytesSent()).isZero();
    }

    @Test
    void anOriginWithoutRangesIsReadByTheFirstAlone() throws Exception {
        page.withoutRanges();
        PeerDaemon first = daemon("first");
        Joined joined = bringsIn(first);

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(scheduler.talks()).as("it had nothing to ask for").isEmpty();
    }

    /** Tells the daemon named "first" to bring the content in, with another seed peer's help. */
    private Joined bringsIn(PeerDaemon first) {
        return first.tasks().seed(spec(), new SeedOrder(Optional.of(warrant("first")), new SeedShare(2, false)));
    }

    private Joined helps(PeerDaemon second) {
        return second.tasks().seed(spec(), new SeedOrder(Optional.empty(), new SeedShare(2, true)));
    }

    private TaskSpec spec() {
        return TaskSpec.of(origin.url("/f"), UrlMeta.NONE);
    }

    private SignedWarrant warrant(String reader) {
        AnnounceHostRequest request = scheduler.awaitOne(
                AnnounceHostRequest.class, said -> said.getHostname().equals(reader));
        var its = VerifyKey.of(request.getDarterKey().toByteArray());
        return ProofMapper.sign(key, new Warrant(spec().id(), 1, its, List.of()));
    }

    private PeerDaemon daemon(String name) throws IOException {
        PeerDaemon daemon = TestPeer.start(
                name, directory, scheduler.address(), runtime, also -> also.download(DownloadConfig.DEFAULT));
        parts.add(daemon);
        return daemon;
    }

    private static FakeScheduler.Parent parent(PeerDaemon daemon, Joined joined) {
        return new FakeScheduler.Parent(joined.peer().value(), new NetAddress("127.0.0.1", daemon.rpcPort()));
    }
}
