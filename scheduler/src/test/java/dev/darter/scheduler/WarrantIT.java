package dev.darter.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.OriginWish;
import dev.darter.core.PeerId;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.scheduler.v1.DarterIntegrity;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.wire.map.OriginMapper;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a scheduler gives the right to sign, and what it tells the others. */
@Timeout(60)
final class WarrantIT {
    private static final String URL = "http://origin/file";

    private final RpcRuntime runtime = new RpcRuntime();
    private final SigningKey reader = SigningKey.generate();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        runtime.close();
    }

    @Test
    void itsKeyIsTheSameAfterARestartAndReadableByItsUserOnly() throws Exception {
        ByteString first;
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            first = register(scheduler, "a", true).getDarterSchedulerKey();
        }
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            assertThat(register(scheduler, "b", true).getDarterSchedulerKey()).isEqualTo(first);
        }
        assertThat(first.size()).isEqualTo(VerifyKey.BYTES);
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(directory.resolve("data/scheduler.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aPeerOfV2_1_28IsToldNothingOfIt() throws Exception {
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            var result = scheduler
                    .stub()
                    .registerPeerTask(TestScheduler.registration(URL, "v1").build());
            assertThat(result.getDarterSchedulerKey().isEmpty()).isTrue();
            var stream = scheduler.new Stream(result.getTaskId(), "v1");
            stream.begin();
            var packet = stream.await();
            assertThat(packet.getCode()).isEqualTo(Code.SchedNeedBackSource);
            assertThat(packet.hasDarterWarrant()).isFalse();
        }
    }

    @Test
    void whoIsSentToTheOriginGetsAWarrantAndTheOthersHearThatTheTaskIsSigned() throws Exception {
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            RegisterResult result = register(scheduler, "reader", true);
            var stream = scheduler.new Stream(result.getTaskId(), "reader");
            stream.begin();
            var packet = stream.await();
            assertThat(packet.getCode()).isEqualTo(Code.SchedNeedBackSource);
            var warrant = ProofMapper.warrant(packet.getDarterWarrant());
            assertThat(warrant.isSigned()).isTrue();
            assertThat(warrant.signer().toBytes())
                    .isEqualTo(result.getDarterSchedulerKey().toByteArray());
            assertThat(warrant.warrant().task()).isEqualTo(new TaskId(result.getTaskId()));
            assertThat(warrant.warrant().reader()).isEqualTo(reader.verifyKey());

            stream.got(0, "");
            assertThat(parents(scheduler, "other")).isEqualTo(DarterIntegrity.SIGNED);
        }
    }

    @Test
    void whoMayReadSomeBlocksGetsAWarrantForThese() throws Exception {
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            RegisterResult result = register(scheduler, "reader", true);
            var first = scheduler.new Stream(result.getTaskId(), "reader");
            first.begin();
            assertThat(first.await().getCode()).isEqualTo(Code.SchedNeedBackSource);
            first.got(0, "");
            var second = scheduler.new Stream(register(scheduler, "other", true).getTaskId(), "other");
            second.begin();
            assertThat(second.await().getCode()).isEqualTo(Code.Success);
            scheduler
                    .stub()
                    .leaveTask(PeerTarget.newBuilder()
                            .setTaskId(result.getTaskId())
                            .setPeerId("reader")
                            .build());

            second.send(second.report()
                    .setDarterOrigin(OriginMapper.toWire(new OriginWish(
                            64L << 20,
                            BlockLength.SMALL,
                            List.of(new BlockRange(10, 12), new BlockRange(20, 21)),
                            List.of(),
                            OriginWish.Reading.NONE,
                            false)))
                    .build());
            var packet = second.await();

            assertThat(packet.getCode()).isEqualTo(Code.Success);
            assertThat(packet.hasMainPeer()).isFalse();
            var blocks = List.of(new BlockRange(10, 12), new BlockRange(20, 21));
            assertThat(OriginMapper.grant(packet.getDarterGrant()).orElseThrow().blocks())
                    .isEqualTo(blocks);
            var warrant = ProofMapper.warrant(packet.getDarterWarrant());
            assertThat(warrant.isSigned()).isTrue();
            assertThat(warrant.warrant().reader()).isEqualTo(reader.verifyKey());
            assertThat(warrant.warrant().ranges()).isEqualTo(blocks);
        }
    }

    @Test
    void whenTheReaderHasNoKeyTheOthersHearThatTheTaskIsUnsigned() throws Exception {
        try (var scheduler = new TestScheduler(runtime, directory, Optional.empty())) {
            RegisterResult result = register(scheduler, "reader", false);
            var stream = scheduler.new Stream(result.getTaskId(), "reader");
            stream.begin();
            assertThat(stream.await().hasDarterWarrant()).isFalse();
            stream.got(0, "");
            assertThat(parents(scheduler, "other")).isEqualTo(DarterIntegrity.UNSIGNED);
        }
    }

    @Test
    void aSeedPeerGetsItsWarrantWithTheOrderToFetch() throws Exception {
        var seed = new FakeSeed(runtime, "seed");
        var manager = FakeManager.start(runtime, seed.entry());
        try (var scheduler = new TestScheduler(runtime, directory, Optional.of(manager.address()))) {
            await().until(() -> scheduler.server().knowsSeedPeer());
            // The seed peer registers something, and so tells its key.
            var own = TestScheduler.registration("http://origin/own", "seed-own");
            own.getPeerHostBuilder()
                    .setId(seed.hostId().value())
                    .addDarterFeatures("darter")
                    .setDarterKey(ByteString.copyFrom(reader.verifyKey().toBytes()));
            var _ = scheduler.stub().registerPeerTask(own.build());

            RegisterResult result = register(scheduler, "peer", true);
            var fetch = seed.awaitFetch();
            var warrant = ProofMapper.warrant(fetch.request().getDarterWarrant());
            assertThat(warrant.isSigned()).isTrue();
            assertThat(warrant.warrant().reader()).isEqualTo(reader.verifyKey());
            assertThat(warrant.warrant().task()).isEqualTo(new TaskId(result.getTaskId()));

            var stream = scheduler.new Stream(result.getTaskId(), "peer");
            stream.begin();
            var peer = new PeerId("127.0.0.1-1-x_Seed");
            fetch.answer()
                    .onNext(seed.began(peer).toBuilder()
                            .addDarterFeatures("darter")
                            .setDarterSigns(true)
                            .build());
            assertThat(stream.await().getDarterIntegrity()).isEqualTo(DarterIntegrity.SIGNED);
        } finally {
            manager.close();
            seed.close();
        }
    }

    private RegisterResult register(TestScheduler scheduler, String peer, boolean withKey) {
        PeerTaskRequest.Builder request = TestScheduler.registration(URL, peer);
        request.getPeerHostBuilder().addDarterFeatures("darter");
        if (withKey) {
            request.getPeerHostBuilder()
                    .setDarterKey(ByteString.copyFrom(reader.verifyKey().toBytes()));
        }
        return scheduler.stub().registerPeerTask(request.build());
    }

    private DarterIntegrity parents(TestScheduler scheduler, String peer) throws Exception {
        var stream = scheduler.new Stream(register(scheduler, peer, true).getTaskId(), peer);
        stream.begin();
        var packet = stream.await();
        assertThat(packet.getCode()).isEqualTo(Code.Success);
        return packet.getDarterIntegrity();
    }
}
