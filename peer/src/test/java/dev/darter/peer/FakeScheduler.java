package dev.darter.peer;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.SizeScope;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.StatTaskRequest;
import dev.darter.proto.scheduler.v1.Task;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/** A v1 scheduler that does what a test tells it, behind a real server with real request rules. */
public final class FakeScheduler extends QuietScheduler implements AutoCloseable {
    private static final int BEGIN = -1;
    private static final int END = 1 << 30;

    private final GrpcServer server;
    private final List<Talk> talks = new CopyOnWriteArrayList<>();
    private final Set<String> knownTasks = ConcurrentHashMap.newKeySet();
    private volatile Function<PeerTaskRequest, RegisterResult> onRegister = request ->
            RegisterResult.newBuilder().setTaskId(request.getTaskId()).build();
    private volatile Begin onBegin = _ -> {};

    /** What happens when a peer opened its stream of reports. */
    public interface Begin {
        void accept(Talk talk);
    }

    /** One stream of reports. */
    public static final class Talk {
        private final StreamObserver<PeerPacket> out;
        private final List<PieceResult> reports = new CopyOnWriteArrayList<>();
        private volatile boolean halfClosed;

        private Talk(StreamObserver<PeerPacket> out) {
            this.out = out;
        }

        /** Names parents by their peer id and gRPC address, best first. */
        public void parents(Parent... parents) {
            var packet =
                    PeerPacket.newBuilder().setTaskId(task()).setSrcPid(peer()).setCode(Code.Success);
            for (int i = 0; i < parents.length; i++) {
                var peer = PeerPacket.DestPeer.newBuilder()
                        .setIp(parents[i].address().host())
                        .setRpcPort(parents[i].address().port())
                        .setPeerId(parents[i].peerId());
                if (i == 0) {
                    packet.setMainPeer(peer);
                } else {
                    packet.addCandidatePeers(peer);
                }
            }
            send(packet.build());
        }

        public void backToSource() {
            code(ErrorCode.SCHED_NEED_BACK_SOURCE);
        }

        /** As long as it can: else somebody else does it. */
        public void backToSourceIfItCan() {
            send(PeerPacket.newBuilder()
                    .setCode(Code.SchedNeedBackSource)
                    .setDarterMayReturn(true)
                    .build());
        }

        /** With leave to sign what is read. */
        public void backToSource(SignedWarrant warrant) {
            send(PeerPacket.newBuilder()
                    .setCode(Code.SchedNeedBackSource)
                    .setDarterWarrant(ProofMapper.toWire(warrant))
                    .build());
        }

        /** Names Darter parents. */
        public void neighbours(Integrity integrity, Parent... parents) {
            var packet = PeerPacket.newBuilder()
                    .setTaskId(task())
                    .setSrcPid(peer())
                    .setCode(Code.Success)
                    .setDarterIntegrityValue(integrity.ordinal());
            for (Parent parent : parents) {
                packet.addCandidatePeers(PeerPacket.DestPeer.newBuilder()
                        .setIp(parent.address().host())
                        .setRpcPort(parent.address().port())
                        .setPeerId(parent.peerId())
                        .addDarterFeatures(Features.MARK));
            }
            send(packet.build());
        }

        public void code(ErrorCode code) {
            send(PeerPacket.newBuilder().setCode(RpcErrors.wireCode(code)).build());
        }

        public void send(PeerPacket packet) {
            synchronized (out) {
                out.onNext(packet);
            }
        }

        public void fail(RuntimeException failure) {
            synchronized (out) {
                out.onError(failure);
            }
        }

        public String peer() {
            return reports.getFirst().getSrcPid();
        }

        public String task() {
            return reports.getFirst().getTaskId();
        }

        /** Everything that was reported, the markers included. */
        public List<PieceResult> reports() {
            return reports;
        }

        /** Reports of pieces or parents, without the markers. */
        public List<PieceResult> results() {
            return reports.stream()
                    .filter(report -> report.getPieceInfo().getPieceNum() != BEGIN
                            && report.getPieceInfo().getPieceNum() != END)
                    .toList();
        }

        public boolean isEnded() {
            return halfClosed;
        }
    }

    /** A parent to name. */
    public record Parent(String peerId, NetAddress address) {}

    private FakeScheduler(RpcRuntime runtime, int port) throws IOException {
        server = GrpcServer.start(
                runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", port, port, List.of(this))), true);
    }

    public static FakeScheduler start(RpcRuntime runtime) throws IOException {
        return new FakeScheduler(runtime, 0);
    }

    /** A scheduler that remembers nothing, at the address of one that was closed. */
    public static FakeScheduler restart(RpcRuntime runtime, NetAddress address) throws IOException {
        return new FakeScheduler(runtime, address.port());
    }

    public NetAddress address() {
        return new NetAddress("127.0.0.1", server.port());
    }

    public FakeScheduler onRegister(Function<PeerTaskRequest, RegisterResult> answer) {
        onRegister = answer;
        return this;
    }

    /** Answers registrations as one of ours does that signs with {@code key} and hears what peers would read at the origin. */
    public FakeScheduler takingWishes(SigningKey key) {
        return onRegister(request -> RegisterResult.newBuilder()
                .setTaskId(request.getTaskId())
                .addDarterFeatures(Features.MARK)
                .setDarterSchedulerKey(ByteString.copyFrom(key.verifyKey().toBytes()))
                .build());
    }

    public FakeScheduler onBegin(Begin begin) {
        onBegin = begin;
        return this;
    }

    public static RegisterResult tiny(PeerTaskRequest request, byte[] content) {
        return RegisterResult.newBuilder()
                .setTaskId(request.getTaskId())
                .setSizeScope(SizeScope.TINY)
                .setPieceContent(ByteString.copyFrom(content))
                .build();
    }

    public static RegisterResult empty(PeerTaskRequest request) {
        return RegisterResult.newBuilder()
                .setTaskId(request.getTaskId())
                .setSizeScope(SizeScope.EMPTY)
                .setPieceContent(ByteString.EMPTY)
                .build();
    }

    /** The messages of one kind, in the order in which they came. */
    public <T> List<T> all(Class<T> kind) {
        return heard(kind);
    }

    /** Waits for a message. */
    public <T> T awaitOne(Class<T> kind, Predicate<T> wanted) {
        return await().atMost(Duration.ofSeconds(20))
                .until(() -> all(kind).stream().filter(wanted).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }

    /** Names of all messages in the order in which they came; reports by their piece number. */
    public List<String> story() {
        return heard().stream()
                .map(message -> switch (message) {
                    case PieceResult report when report.getPieceInfo().getPieceNum() == BEGIN -> "begin";
                    case PieceResult report when report.getPieceInfo().getPieceNum() == END -> "end";
                    case PieceResult report ->
                        "piece " + report.getPieceInfo().getPieceNum() + " "
                                + report.getCode().getNumber();
                    default -> message.getClass().getSimpleName();
                })
                .filter(name -> !name.equals("AnnounceHostRequest") && !name.equals("StatTaskRequest"))
                .toList();
    }

    public List<Talk> talks() {
        return talks;
    }

    public Talk awaitTalk(int number) {
        await().atMost(Duration.ofSeconds(20)).until(() -> talks.size() > number);
        return talks.get(number);
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
    }

    @Override
    public void registerPeerTask(PeerTaskRequest request, StreamObserver<RegisterResult> out) {
        hear(request);
        RegisterResult result = onRegister.apply(request);
        out.onNext(result);
        out.onCompleted();
    }

    @Override
    public StreamObserver<PieceResult> reportPieceResult(StreamObserver<PeerPacket> out) {
        var talk = new Talk(out);
        return new StreamObserver<>() {
            @Override
            public void onNext(PieceResult report) {
                hear(report);
                talk.reports.add(report);
                if (talk.reports.size() == 1) {
                    talks.add(talk);
                    onBegin.accept(talk);
                }
            }

            @Override
            public void onError(Throwable failure) {
                // the peer hung up
            }

            @Override
            public void onCompleted() {
                talk.halfClosed = true;
                synchronized (out) {
                    out.onCompleted();
                }
            }
        };
    }

    @Override
    public void reportPeerResult(PeerResult request, StreamObserver<Empty> out) {
        knownTasks.add(request.getTaskId());
        super.reportPeerResult(request, out);
    }

    @Override
    public void announceTask(AnnounceTaskRequest request, StreamObserver<Empty> out) {
        knownTasks.add(request.getTaskId());
        hear(request, out);
    }

    @Override
    public void statTask(StatTaskRequest request, StreamObserver<Task> out) {
        hear(request);
        if (!knownTasks.contains(request.getTaskId())) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + request.getTaskId() + " not found");
        }
        out.onNext(Task.newBuilder()
                .setId(request.getTaskId())
                .setState("Succeeded")
                .setHasAvailablePeer(true)
                .build());
        out.onCompleted();
    }
}
