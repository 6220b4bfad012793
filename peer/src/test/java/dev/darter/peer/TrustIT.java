package dev.darter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.darter.core.BlockLength;
import dev.darter.core.DigestBatch;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.peer.storage.Proofs;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.BytesBySource;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Wish;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real daemons among one that lies. */
@Timeout(60)
final class TrustIT {
    private static final int MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final RpcRuntime runtime = new RpcRuntime();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final SigningKey key = SigningKey.generate();
    private final byte[] content = TestOrigin.bytes(18 * MIB + 11);
    private final byte[] garbage = TestOrigin.bytes(18 * MIB + 12);
    private TestOrigin origin;
    private FakeScheduler scheduler;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        origin.put("/f", content);
        scheduler = signing(FakeScheduler.start(runtime));
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
    void whatAReaderSignsIsKeptAndPassedOn() throws Exception {
        var reader = reader("p1");
        var second = daemon("p2");
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, reader.parent()));

        Joined joined = get(second);

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.sources()).isEqualTo(new BytesBySource(0, content.length, 0));
        assertThat(joined.content().proofs().isWhole()).isTrue();
        assertThat(raw(joined.content()))
                .containsExactlyInAnyOrderElementsOf(raw(reader.joined().content()));
    }

    @Test
    void aNeighbourThatSendsOtherBytesThanAreSignedIsBannedAndReported() throws Exception {
        var reader = reader("p1");
        var proofs = reader.joined().content().proofs().from(0);
        var liar = add(new FakeNeighbour(runtime, "liar", content, garbage).proving(warrants(proofs), batches(proofs)));
        getsRightBytesInSpiteOf(liar, reader);
        assertThat(liar.requests()).isPositive();
    }

    @Test
    void aNeighbourThatClaimsDigestsOfGarbageIsBannedWhenItSendsIt() throws Exception {
        var reader = reader("p1");
        var liar = add(new FakeNeighbour(runtime, "liar", Arrays.copyOf(garbage, content.length), garbage));
        getsRightBytesInSpiteOf(liar, reader);
        assertThat(liar.requests()).isPositive();
    }

    @Test
    void aNeighbourThatForgesProofsIsBannedBeforeItIsAskedForAnything() throws Exception {
        var reader = reader("p1");
        var proofs = reader.joined().content().proofs().from(0);
        SignedBatch real = ProofMapper.batch(batches(proofs).getFirst());
        SignedBatch forged = ProofMapper.sign(SigningKey.generate(), otherDigests(real.batch()));
        var liar = add(new FakeNeighbour(runtime, "liar", content, garbage)
                .proving(warrants(proofs), List.of(ProofMapper.toWire(forged))));
        getsRightBytesInSpiteOf(liar, reader);
        assertThat(liar.requests()).isZero();
    }

    /** What is signed twice the same is known by its bytes: nobody would look at the signature of the second. */
    private static DigestBatch otherDigests(DigestBatch real) {
        return new DigestBatch(
                real.warrant(),
                real.version(),
                real.contentLength(),
                real.blockLength(),
                real.pieceLength(),
                real.header(),
                real.runs().stream()
                        .map(run -> new DigestBatch.Run(
                                run.first(),
                                run.digests().stream()
                                        .map(digest -> Sha256.hash(ByteBuffer.wrap(digest.toBytes())))
                                        .toList()))
                        .toList(),
                List.of());
    }

    @Test
    void aNeighbourThatSendsNonsenseAsAProofIsBanned() throws Exception {
        var reader = reader("p1");
        var proofs = reader.joined().content().proofs().from(0);
        var nonsense = dev.darter.proto.darter.v1.SignedBatch.newBuilder()
                .setBatch(ByteString.copyFromUtf8("nonsense"))
                .build();
        var liar =
                add(new FakeNeighbour(runtime, "liar", content, garbage).proving(warrants(proofs), List.of(nonsense)));
        getsRightBytesInSpiteOf(liar, reader);
        assertThat(liar.requests()).isZero();
    }

    /** Two peers at once; then one of them is told of the liar again. */
    private void getsRightBytesInSpiteOf(FakeNeighbour liar, Reader reader) throws Exception {
        var first = daemon("p2");
        var second = daemon("p3");
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, liar.parent(), reader.parent()));

        Joined one = first.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        Joined two = second.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);

        assertThat(one.await(LONG)).isTrue();
        assertThat(two.await(LONG)).isTrue();
        assertThat(TestPeer.read(one)).isEqualTo(content);
        assertThat(TestPeer.read(two)).isEqualTo(content);
        for (Joined joined : List.of(one, two)) {
            assertThat(scheduler
                            .awaitOne(
                                    PieceResult.class,
                                    report -> !report.getDarterLie().isEmpty()
                                            && report.getSrcPid()
                                                    .equals(joined.peer().value()))
                            .getDstPid())
                    .isEqualTo("liar");
        }
        int asked = liar.requests();
        int followed = liar.followers().size();
        origin.put("/g", TestOrigin.bytes(MIB));
        scheduler.onBegin(talk -> {
            talk.neighbours(Integrity.SIGNED, liar.parent());
            talk.backToSource();
        });
        get(first, "/g");
        assertThat(liar.requests()).isEqualTo(asked);
        assertThat(liar.followers()).hasSize(followed);
    }

    @Test
    void aHolderProvesWhatItHasWhenReaderAndSchedulerAreGone() throws Exception {
        var reader = reader("p1");
        var holder = daemon("p2", also -> also.keepStorage(true));
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, reader.parent()));
        PeerId held = get(holder).peer();
        var fresh = daemon("p3", also -> also.keepStorage(true));
        origin.put("/g", TestOrigin.bytes(MIB));
        scheduler.onBegin(FakeScheduler.Talk::backToSource);
        get(fresh, "/g"); // it has registered once, and knows whose warrants count
        fresh.close();
        holder.close();
        reader.daemon().close();
        origin.close();
        NetAddress address = scheduler.address();
        scheduler.close();

        scheduler = FakeScheduler.restart(runtime, address); // it knows nothing, and signs nothing
        var again = daemon("p2", also -> also.keepStorage(true));
        scheduler.onBegin(
                talk -> talk.neighbours(Integrity.UNKNOWN, new FakeScheduler.Parent(held.value(), address(again))));
        Joined joined = get(daemon("p3", also -> also.keepStorage(true)));

        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(joined.content().proofs().isWhole()).isTrue();
    }

    @Test
    void contentOfANewerGenerationIsBegunAnewAndNothingIsMixed() throws Exception {
        byte[] changed = TestOrigin.bytes(18 * MIB + 13);
        origin.put("/f", changed);
        generation = 2;
        var newer = reader("p1");
        var task = newer.joined().task();
        var formerReader = SigningKey.generate();
        SignedWarrant former = ProofMapper.sign(key, new Warrant(task, 1, formerReader.verifyKey(), List.of()));
        var old = add(new FakeNeighbour(runtime, "old", content, content)
                .proving(
                        List.of(ProofMapper.toWire(former)),
                        List.of(ProofMapper.toWire(ProofMapper.sign(formerReader, firstBlocks(former, 10))))));
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, old.parent()));
        Joined joined = daemon("p2").tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> joined.content().readableBlocks().cardinality() == 10);
        var talk = scheduler.talks().getLast();

        scheduler.onBegin(again -> again.neighbours(Integrity.SIGNED, old.parent(), newer.parent()));
        talk.neighbours(Integrity.SIGNED, newer.parent());

        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(changed);
    }

    private DigestBatch firstBlocks(SignedWarrant warrant, int count) {
        int length = BlockLength.of(content.length);
        var digests = new ArrayList<Sha256>();
        for (int block = 0; block < count; block++) {
            digests.add(Sha256.hash(ByteBuffer.wrap(content, block * length, length)));
        }
        return new DigestBatch(
                warrant.id(),
                "\"0\"",
                content.length,
                length,
                PieceLength.of(content.length),
                Map.of(),
                List.of(new DigestBatch.Run(0, digests)),
                List.of());
    }

    @Test
    void withoutProofsNeighboursOfAnEarlierDarterAreBelievedPieceByPiece() throws Exception {
        var honest = add(new FakeNeighbour(runtime, "honest", content, content));
        scheduler.onBegin(talk -> talk.neighbours(Integrity.UNSIGNED, honest.parent()));
        Joined joined = get(daemon("p1"));
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(honest.followers().getFirst().getProofs()).isTrue();
        assertThat(joined.content().proofs().from(0)).isEmpty();
    }

    @Test
    void withoutProofsBytesThatDoNotFitWhatIsSaidOfThemAreNotTaken() throws Exception {
        var honest = add(new FakeNeighbour(runtime, "honest", content, content));
        var liar = add(new FakeNeighbour(runtime, "liar", content, garbage));
        scheduler.onBegin(talk -> talk.neighbours(Integrity.UNSIGNED, liar.parent(), honest.parent()));
        Joined joined = get(daemon("p1"));
        assertThat(TestPeer.read(joined)).isEqualTo(content);
        assertThat(liar.requests()).isPositive();
        assertThat(honest.shunned()).as("others hear of it").containsExactly("liar");
        assertThat(scheduler
                        .awaitOne(
                                PieceResult.class,
                                report -> !report.getDarterLie().isEmpty())
                        .getDstPid())
                .isEqualTo("liar");
    }

    @Test
    void nothingUnsignedIsTakenWhereTheSchedulerSaysThatAllIsSigned() throws Exception {
        var liar = add(new FakeNeighbour(runtime, "liar", Arrays.copyOf(garbage, content.length), garbage));
        var reader = reader("p1");
        var peer = daemon("p2");
        scheduler.onBegin(talk -> talk.neighbours(Integrity.SIGNED, liar.parent()));
        Joined joined = peer.tasks().join(TaskSpec.of(origin.url("/f"), UrlMeta.NONE), Wish.DEFAULT);
        await().atMost(LONG).until(() -> !liar.followers().isEmpty());
        scheduler.awaitTalk(1).neighbours(Integrity.SIGNED, reader.parent());
        assertThat(joined.await(LONG)).isTrue();
        assertThat(TestPeer.read(joined)).isEqualTo(content);
    }

    // ---- what tests need

    private record Reader(PeerDaemon daemon, Joined joined) {
        FakeScheduler.Parent parent() {
            return new FakeScheduler.Parent(joined.peer().value(), address(daemon));
        }
    }

    private long generation = 1;

    /** A scheduler that signs. */
    private FakeScheduler signing(FakeScheduler started) {
        return started.onRegister(request -> RegisterResult.newBuilder()
                .setTaskId(request.getTaskId())
                .setDarterSchedulerKey(ByteString.copyFrom(key.verifyKey().toBytes()))
                .build());
    }

    /** A daemon that reads the page at its origin and signs it. */
    private Reader reader(String name) throws Exception {
        scheduler.onBegin(talk -> talk.backToSource(warrant(talk)));
        var daemon = daemon(name);
        Joined joined = get(daemon);
        scheduler.awaitOne(
                PeerResult.class, told -> told.getPeerId().equals(joined.peer().value()));
        assertThat(joined.content().proofs().isWhole()).isTrue();
        return new Reader(daemon, joined);
    }

    private SignedWarrant warrant(FakeScheduler.Talk talk) {
        PeerTaskRequest request = scheduler.awaitOne(
                PeerTaskRequest.class, asked -> asked.getPeerId().equals(talk.peer()));
        var reader = VerifyKey.of(request.getPeerHost().getDarterKey().toByteArray());
        return ProofMapper.sign(key, new Warrant(new TaskId(talk.task()), generation, reader, List.of()));
    }

    private static List<dev.darter.proto.darter.v1.SignedWarrant> warrants(List<Proofs.Proof> proofs) {
        return proofs.stream()
                .filter(proof -> proof.kind() == Proofs.Kind.WARRANT)
                .map(proof -> ProofMapper.toWire(ProofMapper.readWarrant(proof.raw())))
                .toList();
    }

    private static List<dev.darter.proto.darter.v1.SignedBatch> batches(List<Proofs.Proof> proofs) {
        return proofs.stream()
                .filter(proof -> proof.kind() == Proofs.Kind.BATCH)
                .map(proof -> ProofMapper.toWire(ProofMapper.readBatch(proof.raw())))
                .toList();
    }

    private static List<String> raw(TaskContent content) {
        return content.proofs().from(0).stream()
                .map(proof -> proof.id().toString())
                .toList();
    }

    private <T extends AutoCloseable> T add(T part) {
        parts.add(part);
        return part;
    }

    private PeerDaemon daemon(String name) throws IOException {
        return daemon(name, also -> also);
    }

    private PeerDaemon daemon(String name, UnaryOperator<PeerConfig.Builder> also) throws IOException {
        return add(TestPeer.start(name, directory, scheduler.address(), runtime, also));
    }

    private static NetAddress address(PeerDaemon daemon) {
        return new NetAddress("127.0.0.1", daemon.rpcPort());
    }

    private Joined get(PeerDaemon daemon) throws InterruptedException {
        return get(daemon, "/f");
    }

    private Joined get(PeerDaemon daemon, String path) throws InterruptedException {
        Joined joined = daemon.tasks().join(TaskSpec.of(origin.url(path), UrlMeta.NONE), Wish.DEFAULT);
        assertThat(joined.await(LONG)).isTrue();
        return joined;
    }
}
