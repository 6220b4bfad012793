package dev.darter.scheduler.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.proto.common.v1.SizeScope;
import dev.darter.proto.errordetails.v1.SourceError;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.proto.scheduler.v1.SinglePiece;
import dev.darter.proto.scheduler.v1.StatTaskRequest;
import dev.darter.proto.scheduler.v1.SyncProbesRequest;
import dev.darter.proto.scheduler.v1.SyncProbesResponse;
import dev.darter.scheduler.announce.Announcements;
import dev.darter.scheduler.announce.HostAnnouncements;
import dev.darter.scheduler.announce.Office;
import dev.darter.scheduler.announce.OriginReaders;
import dev.darter.scheduler.announce.Warrants;
import dev.darter.scheduler.swarm.Task;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.HostReportMapper;
import dev.darter.wire.rpc.RpcErrors;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** {@code scheduler.Scheduler}: decode, one call, encode. */
public final class SchedulerService extends SchedulerGrpc.SchedulerImplBase {
    private static final int LONGEST = 256 << 10;

    private final Announcements announcements;
    private final HostAnnouncements hosts;
    private final OriginReaders originReaders;
    private final Warrants warrants;

    public SchedulerService(Office office, Warrants warrants) {
        this.announcements = office.announcements();
        this.hosts = office.hosts();
        this.originReaders = office.originReaders();
        this.warrants = warrants;
    }

    @Override
    public void registerPeerTask(PeerTaskRequest request, StreamObserver<RegisterResult> answer) {
        if (!request.hasPeerHost()) {
            throw new IllegalArgumentException("peer_host: not set (expected: a value)");
        }
        UrlMeta meta = CommonMapper.urlMeta(request.getUrlMeta());
        TaskId task =
                request.getTaskId().isEmpty() ? TaskId.v1(request.getUrl(), meta) : new TaskId(request.getTaskId());
        checkSize("url", request.getUrl().length());
        checkSize("url_meta", request.getUrlMeta().getSerializedSize());
        var registered = announcements.register(new Announcements.Registration(
                task,
                request.getUrl(),
                meta,
                new PeerId(request.getPeerId()),
                CommonMapper.peerHost(request.getPeerHost()),
                request.getPeerHost().getDarterFeaturesCount() > 0));
        introduce(request.getPeerHost().getId(), request.getPeerHost().getDarterKey());
        var result = encode(task, registered);
        if (request.getPeerHost().getDarterFeaturesCount() > 0) {
            result.addDarterFeatures(Features.MARK)
                    .setDarterSchedulerKey(
                            ByteString.copyFrom(warrants.verifyKey().toBytes()))
                    .setDarterIntegrityValue(announcements
                            .task(task)
                            .map(Task::integrity)
                            .orElse(Integrity.UNKNOWN)
                            .ordinal());
        }
        answer.onNext(result.build());
        answer.onCompleted();
    }

    private static RegisterResult.Builder encode(TaskId task, Announcements.Registered registered) {
        var result = RegisterResult.newBuilder()
                .setTaskId(task.value())
                .setTaskTypeValue(registered.type().ordinal());
        switch (registered.scope()) {
            case Announcements.Scope.Normal _ -> result.setSizeScope(SizeScope.NORMAL);
            case Announcements.Scope.Empty _ ->
                result.setSizeScope(SizeScope.EMPTY).setPieceContent(ByteString.EMPTY);
            case Announcements.Scope.Tiny(var content) ->
                result.setSizeScope(SizeScope.TINY).setPieceContent(ByteString.copyFrom(content.duplicate()));
            case Announcements.Scope.Small(var parent, var host, var piece) ->
                result.setSizeScope(SizeScope.SMALL)
                        .setSinglePiece(SinglePiece.newBuilder()
                                .setDstPid(parent.value())
                                .setDstAddr(new NetAddress(host.ip(), host.downPort()).toString())
                                .setPieceInfo(CommonMapper.pieceInfo(piece)));
        }
        return result;
    }

    @Override
    public StreamObserver<PieceResult> reportPieceResult(StreamObserver<PeerPacket> answers) {
        return ReportStream.open(announcements, originReaders, warrants, answers);
    }

    @Override
    public void reportPeerResult(PeerResult request, StreamObserver<Empty> answer) {
        Optional<OriginFailure> origin =
                request.hasSourceError() ? Optional.of(originFailure(request.getSourceError())) : Optional.empty();
        announcements.finished(
                new PeerId(request.getPeerId()),
                request.getSuccess(),
                request.getContentLength(),
                request.getTotalPieceCount(),
                origin);
        done(answer);
    }

    static OriginFailure originFailure(SourceError error) {
        return RpcErrors.originFailure(error);
    }

    @Override
    public void announceTask(AnnounceTaskRequest request, StreamObserver<Empty> answer) {
        if (!request.hasPeerHost()) {
            throw new IllegalArgumentException("peer_host: not set (expected: a value)");
        }
        checkSize("url", request.getUrl().length());
        checkSize("url_meta", request.getUrlMeta().getSerializedSize());
        var packet = request.getPiecePacket();
        hosts.announceTask(new HostAnnouncements.Held(
                new TaskId(request.getTaskId()),
                taskType(request.getTaskTypeValue()),
                request.getUrl(),
                CommonMapper.urlMeta(request.getUrlMeta()),
                new PeerId(packet.getDstPid()),
                CommonMapper.peerHost(request.getPeerHost()),
                request.getPeerHost().getDarterFeaturesCount() > 0,
                packet.getPieceInfosList().stream().map(CommonMapper::piece).toList(),
                packet.getContentLength(),
                packet.getTotalPiece()));
        announcements.task(new TaskId(request.getTaskId())).ifPresent(task -> task.heldBy(request.getDarterSigned()));
        done(answer);
    }

    private void introduce(String host, ByteString key) {
        hosts.introduce(new HostId(host), VerifyKey.optional(key.toByteArray()));
    }

    private static TaskType taskType(int number) {
        return number >= 0 && number < TaskType.values().length ? TaskType.values()[number] : TaskType.STANDARD;
    }

    @Override
    public void statTask(StatTaskRequest request, StreamObserver<dev.darter.proto.scheduler.v1.Task> answer) {
        var task = announcements
                .task(new TaskId(request.getTaskId()))
                .orElseThrow(() ->
                        new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + request.getTaskId() + ": unknown"));
        answer.onNext(dev.darter.proto.scheduler.v1.Task.newBuilder()
                .setId(task.id().value())
                .setTypeValue(task.type().ordinal())
                .setContentLength(task.contentLength())
                .setTotalPieceCount(Math.max(0, task.totalPieces()))
                .setState(task.state().wireName())
                .setPeerCount(task.peerCount())
                .setHasAvailablePeer(task.hasAvailablePeer(Optional.empty()))
                .build());
        answer.onCompleted();
    }

    @Override
    public void leaveTask(PeerTarget request, StreamObserver<Empty> answer) {
        announcements.leaveTask(new PeerId(request.getPeerId()));
        done(answer);
    }

    @Override
    public void announceHost(AnnounceHostRequest request, StreamObserver<Empty> answer) {
        hosts.announceHost(HostReportMapper.fromWire(request), request.getDarterFeaturesCount() > 0);
        introduce(request.getId(), request.getDarterKey());
        done(answer);
    }

    @Override
    public void leaveHost(LeaveHostRequest request, StreamObserver<Empty> answer) {
        hosts.leaveHost(new HostId(request.getId()));
        done(answer);
    }

    /** Probes are taken and nobody is named to be probed: nothing here decides by them. */
    @Override
    public StreamObserver<SyncProbesRequest> syncProbes(StreamObserver<SyncProbesResponse> answers) {
        return new StreamObserver<>() {
            @Override
            public void onNext(SyncProbesRequest request) {
                if (request.hasProbeStartedRequest()) {
                    answers.onNext(SyncProbesResponse.getDefaultInstance());
                }
            }

            @Override
            public void onError(Throwable failure) {
                // the prober is gone; there is nothing to undo
            }

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    /** A task keeps both for as long as it is known: what no request needs is not let in. */
    private static void checkSize(String field, int size) {
        if (size > LONGEST) {
            throw new IllegalArgumentException(field + ": " + size + " bytes (expected: at most " + LONGEST + ")");
        }
    }

    private static void done(StreamObserver<Empty> answer) {
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    static Optional<Piece> piece(PieceResult result) {
        return result.hasPieceInfo() && result.getPieceInfo().getPieceNum() >= 0
                ? Optional.of(CommonMapper.piece(result.getPieceInfo()))
                : Optional.empty();
    }
}
