package dev.darter.wire.client;

import com.google.protobuf.ByteString;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.HostReport;
import dev.darter.core.Integrity;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.TaskType;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.proto.scheduler.v1.StatTaskRequest;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.HostReportMapper;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The schedulers of one cluster. Every task belongs to one of them, by the ring; when that one cannot be reached, the next one on the ring
 * is asked. Any thread may call it; calls block. Failures come as {@link CodedException} where the scheduler gave a code, else as
 * {@link StatusRuntimeException}.
 */
public final class SchedulerClient implements AutoCloseable {
    private final Reachable schedulers;
    private final Runnable onUnavailable;

    /** Under which this host signs what it reads at an origin. */
    private volatile Optional<VerifyKey> key = Optional.empty();

    /** @param onUnavailable called when a scheduler did not take a call, so that somebody looks for a fresh list */
    public SchedulerClient(RpcRuntime runtime, Runnable onUnavailable) {
        this.schedulers = new Reachable(runtime, true);
        this.onUnavailable = onUnavailable;
    }

    /** Tells schedulers from now on under which key this host signs what it reads at an origin. */
    public void introduce(VerifyKey newKey) {
        key = Optional.of(newKey);
    }

    /** Takes those of {@code addresses} that answer a health check; keeps the old ones when none does. Whether any answered. */
    public boolean update(List<ServerAddress> addresses) {
        return schedulers.update(addresses);
    }

    /** Whether any scheduler was ever reached. */
    public boolean isReady() {
        return !schedulers.isEmpty();
    }

    /** The cluster of the schedulers in use; empty when there is none or it is unknown. */
    public OptionalLong clusterId() {
        return schedulers.all().stream()
                .mapToLong(server -> server.address().clusterId())
                .filter(id -> id > 0)
                .findFirst();
    }

    /** Names of the schedulers in use; changes when one comes or goes. */
    public List<String> members() {
        return schedulers.all().stream().map(Reachable.Server::member).sorted().toList();
    }

    /**
     * A peer that has registered, and where.
     *
     * @param schedulerKey under which that scheduler signs warrants; empty for one that signs none
     */
    public record Registered(
            Registration registration,
            Conversation conversation,
            Optional<VerifyKey> schedulerKey,
            Integrity integrity) {}

    /** Registers a peer for a task. */
    public Registered register(TaskId task, String url, UrlMeta meta, PeerId peer, PeerHost host, Duration timeout) {
        var request = PeerTaskRequest.newBuilder()
                .setUrl(url)
                .setUrlMeta(CommonMapper.urlMeta(meta))
                .setPeerId(peer.value())
                .setPeerHost(peerHost(host))
                .setTaskId(task.value())
                .build();
        return atOwner(task.value(), server -> {
            var answer = SchedulerGrpc.newBlockingStub(server.channel())
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .registerPeerTask(request);
            return new Registered(
                    registration(answer),
                    new Conversation(
                            server, task, peer, answer.getDarterFeaturesList().contains(Features.MARK)),
                    VerifyKey.optional(answer.getDarterSchedulerKey().toByteArray()),
                    ProofMapper.integrity(answer.getDarterIntegrityValue()));
        });
    }

    /** Tells the scheduler of a whole task that this host holds. */
    public void announceTask(HeldTask held) {
        var packet = PiecePacket.newBuilder()
                .setTaskId(held.task().value())
                .setDstPid(held.peer().value())
                .setDstAddr(held.host().ip() + ":" + held.host().downPort())
                .setTotalPiece(held.pieces().size())
                .setContentLength(held.contentLength())
                .setPieceMd5Sign(held.pieceMd5Sign());
        held.pieces().forEach(piece -> packet.addPieceInfos(CommonMapper.pieceInfo(piece)));
        var request = AnnounceTaskRequest.newBuilder()
                .setTaskId(held.task().value())
                .setUrl(held.url())
                .setUrlMeta(CommonMapper.urlMeta(held.meta()))
                .setPeerHost(peerHost(held.host()))
                .setDarterSigned(held.signed())
                .setPiecePacket(packet)
                .setTaskType(TaskType.forNumber(held.type().ordinal()))
                .build();
        atOwner(
                held.task().value(),
                server -> SchedulerGrpc.newBlockingStub(server.channel()).announceTask(request));
    }

    private dev.darter.proto.scheduler.v1.PeerHost peerHost(PeerHost host) {
        var message = CommonMapper.peerHost(host).toBuilder();
        key.ifPresent(known -> message.setDarterKey(ByteString.copyFrom(known.toBytes())));
        return message.build();
    }

    /** What the scheduler knows of a task; empty when it knows nothing. */
    public Optional<TaskStatus> statTask(TaskId task) {
        try {
            var answer = atOwner(
                    task.value(),
                    server -> SchedulerGrpc.newBlockingStub(server.channel())
                            .statTask(StatTaskRequest.newBuilder()
                                    .setTaskId(task.value())
                                    .build()));
            return Optional.of(new TaskStatus(
                    answer.getContentLength(),
                    answer.getTotalPieceCount(),
                    answer.getState(),
                    answer.getPeerCount(),
                    answer.getHasAvailablePeer()));
        } catch (CodedException e) {
            if (e.code() == ErrorCode.PEER_TASK_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Says that this host no longer offers the task. */
    public void leaveTask(TaskId task, PeerId peer) {
        var target = PeerTarget.newBuilder()
                .setTaskId(task.value())
                .setPeerId(peer.value())
                .build();
        atOwner(
                task.value(),
                server -> SchedulerGrpc.newBlockingStub(server.channel()).leaveTask(target));
    }

    /** Reports this host to every scheduler; how many took it. */
    public int announceHost(HostReport report) {
        var message = HostReportMapper.toWire(report).toBuilder();
        key.ifPresent(known -> message.setDarterKey(ByteString.copyFrom(known.toBytes())));
        AnnounceHostRequest request = message.build();
        return atAll(server -> SchedulerGrpc.newBlockingStub(server.channel())
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .announceHost(request));
    }

    /** Says to every scheduler that this host goes away; how many took it. */
    public int leaveHost(HostId host) {
        var request = LeaveHostRequest.newBuilder().setId(host.value()).build();
        return atAll(server -> SchedulerGrpc.newBlockingStub(server.channel())
                .withDeadlineAfter(3, TimeUnit.SECONDS)
                .leaveHost(request));
    }

    @Override
    public void close() {
        schedulers.close();
    }

    /** What a registered peer has to say to the scheduler that registered it. */
    public static final class Conversation {
        private final Reachable.Server server;
        private final TaskId task;
        private final PeerId peer;
        private final boolean batches;

        private Conversation(Reachable.Server server, TaskId task, PeerId peer, boolean batches) {
            this.server = server;
            this.task = task;
            this.peer = peer;
            this.batches = batches;
        }

        /** Whether the scheduler understands several pieces in one report. */
        public boolean takesBatches() {
            return batches;
        }

        /** Opens the stream of piece reports and sends the begin marker. */
        public ReportStream report() {
            return new ReportStream(server.channel(), task, peer);
        }

        /** Tells how the download ended. */
        public void finish(PeerOutcome outcome) {
            var result = PeerResult.newBuilder()
                    .setTaskId(outcome.task().value())
                    .setPeerId(outcome.peer().value())
                    .setSrcIp(outcome.ip())
                    .setIdc(outcome.idc())
                    .setUrl(outcome.url())
                    .setContentLength(outcome.contentLength())
                    .setTraffic(outcome.sourceBytes())
                    .setCost((int) outcome.cost().toMillis())
                    .setSuccess(outcome.code() == ErrorCode.SUCCESS)
                    .setCode(RpcErrors.wireCode(outcome.code()))
                    .setTotalPieceCount(outcome.totalPieces());
            outcome.origin().ifPresent(origin -> result.setSourceError(RpcErrors.sourceError(origin)));
            try {
                var _ = SchedulerGrpc.newBlockingStub(server.channel()).reportPeerResult(result.build());
            } catch (StatusRuntimeException e) {
                throw RpcErrors.fromStatus(e);
            }
        }
    }

    private <T> T atOwner(String key, Function<Reachable.Server, T> call) {
        RuntimeException last = new CodedException(
                ErrorCode.SERVER_UNAVAILABLE, "scheduler: none is known (expected: one that answers)");
        for (Reachable.Server server : schedulers.inOrder(key)) {
            try {
                return call.apply(server);
            } catch (StatusRuntimeException e) {
                if (!RpcErrors.isUnavailable(e)) {
                    throw RpcErrors.fromStatus(e);
                }
                last = e;
                onUnavailable.run();
            }
        }
        throw last;
    }

    private int atAll(Function<Reachable.Server, ?> call) {
        int taken = 0;
        for (Reachable.Server server : schedulers.all()) {
            try {
                var _ = call.apply(server);
                taken++;
            } catch (StatusRuntimeException e) {
                if (RpcErrors.isUnavailable(e)) {
                    onUnavailable.run();
                }
            }
        }
        return taken;
    }

    private static Registration registration(RegisterResult answer) {
        return switch (answer.getSizeScope()) {
            case EMPTY -> new Registration.Empty();
            case TINY -> new Registration.Tiny(answer.getPieceContent().asReadOnlyByteBuffer());
            case SMALL -> {
                PieceInfo piece = answer.getSinglePiece().getPieceInfo();
                yield new Registration.Small(
                        answer.getSinglePiece().getDstPid(),
                        answer.getSinglePiece().getDstAddr(),
                        CommonMapper.piece(piece));
            }
            case NORMAL, UNKNOW, UNRECOGNIZED -> new Registration.Normal();
        };
    }
}
