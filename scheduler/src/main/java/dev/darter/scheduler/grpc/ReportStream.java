package dev.darter.scheduler.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.scheduler.v1.FinishedPieces;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.scheduler.announce.Announcements;
import dev.darter.scheduler.announce.OriginReaders;
import dev.darter.scheduler.announce.Warrants;
import dev.darter.scheduler.swarm.Notice;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.OriginMapper;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcErrors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One peer's report stream. Its first message says which peer it is. Messages arrive one after another; notices may come from any thread
 * at any time, so writing has a monitor of its own.
 */
final class ReportStream implements StreamObserver<PieceResult>, Peer.Outbox {
    private static final int BEGIN = -1;
    private static final int END = 1 << 30;

    private final Announcements announcements;
    private final OriginReaders originReaders;
    private final Warrants warrants;
    private final Object writing = new Object();

    @GuardedBy("writing")
    private final ServerCallStreamObserver<PeerPacket> answers;

    @GuardedBy("writing")
    private boolean over;

    /** Parents for a peer that does not read: only the newest ones are worth sending. */
    @GuardedBy("writing")
    private @Nullable PeerPacket held;

    private @Nullable Peer peer;

    private ReportStream(
            Announcements announcements,
            OriginReaders originReaders,
            Warrants warrants,
            ServerCallStreamObserver<PeerPacket> answers) {
        this.announcements = announcements;
        this.originReaders = originReaders;
        this.warrants = warrants;
        this.answers = answers;
    }

    static ReportStream open(
            Announcements announcements,
            OriginReaders originReaders,
            Warrants warrants,
            StreamObserver<PeerPacket> answers) {
        var call = (ServerCallStreamObserver<PeerPacket>) answers;
        var stream = new ReportStream(announcements, originReaders, warrants, call);
        call.setOnReadyHandler(stream::sendHeld);
        return stream;
    }

    @Override
    public void onNext(PieceResult result) {
        if (peer == null) {
            peer = announcements.connect(new PeerId(result.getSrcPid()), this);
        }
        int number = result.getPieceInfo().getPieceNum();
        if (result.hasPieceInfo() && number == BEGIN) {
            announcements.begin(peer);
        } else if (number != END) {
            report(peer, result);
        }
    }

    private void report(Peer from, PieceResult result) {
        if (result.hasDarterOrigin()) {
            originReaders.heard(from, OriginMapper.wish(result.getDarterOrigin()));
            return;
        }
        Optional<PeerId> parent = parent(result.getDstPid());
        if (result.getSuccess()) {
            Optional<Piece> piece = SchedulerService.piece(result);
            piece.ifPresent(got -> announcements.piecesFinished(from, parent, List.of(got)));
            for (FinishedPieces more : result.getDarterFinishedList()) {
                announcements.piecesFinished(from, parent(more.getDstPid()), pieces(more));
            }
            return;
        }
        Code code = result.getCode();
        if (code == Code.ClientWaitPieceReady || code == Code.Success || parent.isEmpty()) {
            return;
        }
        if (!result.getDarterLie().isEmpty()) {
            announcements.parentLied(from, parent.get(), result.getDarterLie());
        }
        announcements.pieceFailed(
                from, parent.get(), ErrorCode.byNumber(result.getCodeValue()).orElse(ErrorCode.UNKNOWN_ERROR));
    }

    private static Optional<PeerId> parent(String id) {
        return id.isEmpty() ? Optional.empty() : Optional.of(new PeerId(id));
    }

    private static List<Piece> pieces(FinishedPieces finished) {
        return finished.getPiecesList().stream().map(CommonMapper::piece).toList();
    }

    @Override
    public void send(Peer to, Notice notice) {
        PeerPacket packet = encode(to, notice);
        synchronized (writing) {
            if (!(notice instanceof Notice.MayRead)) {
                held = null; // what it says is out of date
            }
            if (notice instanceof Notice.Parents && !answers.isReady()) {
                held = packet;
            } else {
                write(packet);
            }
        }
    }

    private void sendHeld() {
        synchronized (writing) {
            PeerPacket packet = held;
            if (packet != null && answers.isReady()) {
                held = null;
                write(packet);
            }
        }
    }

    @GuardedBy("writing")
    private void write(PeerPacket packet) {
        if (over) {
            return;
        }
        try {
            answers.onNext(packet);
        } catch (RuntimeException e) {
            over = true; // the peer hung up; its next stream asks anew
        }
    }

    private PeerPacket encode(Peer to, Notice notice) {
        return switch (notice) {
            case Notice.Parents(var parents) -> {
                var packet = PeerPacket.newBuilder()
                        .setTaskId(to.task().id().value())
                        .setSrcPid(to.id().value())
                        .setCode(Code.Success)
                        .setMainPeer(encode(parents.getFirst()));
                if (to.host().isDarter()) {
                    packet.setDarterIntegrityValue(to.task().integrity().ordinal());
                }
                parents.stream().skip(1).forEach(parent -> packet.addCandidatePeers(encode(parent)));
                yield packet.build();
            }
            case Notice.BackToSource(var mayReturn) -> {
                var packet = PeerPacket.newBuilder()
                        .setCode(Code.SchedNeedBackSource)
                        .setDarterMayReturn(mayReturn);
                var warrant = warrants.issue(to.task(), to.host());
                to.task().readBy(warrant.isPresent());
                warrant.ifPresent(given -> packet.setDarterWarrant(ProofMapper.toWire(given)));
                yield packet.build();
            }
            case Notice.MayRead(var grant) -> {
                // The code of parents, and nobody is named: it changes nothing for who does not know the field.
                var packet = PeerPacket.newBuilder().setCode(Code.Success).setDarterGrant(OriginMapper.toWire(grant));
                warrants.issue(to.task(), to.host(), grant.blocks())
                        .ifPresent(given -> packet.setDarterWarrant(ProofMapper.toWire(given)));
                yield packet.build();
            }
            case Notice.GiveUp(var code, var origin) -> {
                var packet = PeerPacket.newBuilder().setCode(RpcErrors.wireCode(code));
                origin.ifPresent(failure -> packet.setSourceError(RpcErrors.sourceError(failure)));
                yield packet.build();
            }
        };
    }

    private static PeerPacket.DestPeer encode(Notice.Parent parent) {
        var peer = PeerPacket.DestPeer.newBuilder()
                .setIp(parent.host().ip())
                .setRpcPort(parent.host().rpcPort())
                .setPeerId(parent.peer().value())
                .setDarterElsewhere(parent.darter() && parent.elsewhere());
        if (parent.darter()) {
            peer.addDarterFeatures(Features.MARK);
        }
        return peer.build();
    }

    @Override
    public void onError(Throwable failure) {
        var _ = end(true);
    }

    @Override
    public void onCompleted() {
        boolean first = end(false);
        if (first) {
            synchronized (writing) {
                answers.onCompleted();
            }
        }
    }

    /** Whether the stream was not over before. */
    private boolean end(boolean broken) {
        if (peer != null) {
            announcements.disconnect(peer, this, broken);
        }
        synchronized (writing) {
            boolean first = !over;
            over = true;
            return first;
        }
    }
}
