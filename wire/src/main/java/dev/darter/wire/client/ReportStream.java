package dev.darter.wire.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.OriginWish;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.scheduler.v1.FinishedPieces;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.OriginMapper;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcErrors;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** A peer's conversation with its scheduler about one task. Any thread may report; one thread takes the answers. */
public final class ReportStream implements AutoCloseable {
    /** The piece number that opens the conversation. */
    public static final int BEGIN = -1;

    /** The piece number that ends it. */
    public static final int END = 1 << 30;

    /** A message stays far below what a server takes. */
    static final int PIECES_PER_MESSAGE = 1_000;

    private final TaskId task;
    private final PeerId peer;
    private final Inbox<Answer> answers = new Inbox<>();
    private final Object sending = new Object();

    @GuardedBy("sending")
    private final ClientCallStreamObserver<PieceResult> requests;

    @GuardedBy("sending")
    private boolean closed;

    ReportStream(ManagedChannel channel, TaskId task, PeerId peer) {
        this.task = task;
        this.peer = peer;
        this.requests = (ClientCallStreamObserver<PieceResult>)
                SchedulerGrpc.newStub(channel).reportPieceResult(new Answers());
        send(message().setPieceInfo(PieceInfo.newBuilder().setPieceNum(BEGIN)).build());
    }

    /** Tells what became of a piece. Does nothing when the stream is over: the next one begins anew. */
    public void report(PieceReport report) {
        send(encode(report).build());
    }

    /**
     * Tells of several finished pieces in as few messages as it takes, the first one of each as anybody would. Only where {@link
     * SchedulerClient.Conversation#takesBatches} says so: others would not see the rest.
     */
    public void reportAll(List<PieceReport> finished) {
        for (int from = 0; from < finished.size(); from += PIECES_PER_MESSAGE) {
            List<PieceReport> part = finished.subList(from, Math.min(finished.size(), from + PIECES_PER_MESSAGE));
            var message = encode(part.getFirst());
            var byParent = new LinkedHashMap<String, FinishedPieces.Builder>();
            for (PieceReport report : part.subList(1, part.size())) {
                var pieces = byParent.computeIfAbsent(
                        report.parentId(), id -> FinishedPieces.newBuilder().setDstPid(id));
                report.piece().ifPresent(piece -> pieces.addPieces(CommonMapper.pieceInfo(piece)));
            }
            byParent.values().forEach(message::addDarterFinished);
            send(message.build());
        }
    }

    /** Tells a scheduler that {@link SchedulerClient.Conversation#takesBatches} what this peer would read from the origin. */
    public void wish(OriginWish wish) {
        send(message().setDarterOrigin(OriginMapper.toWire(wish)).build());
    }

    private PieceResult.Builder encode(PieceReport report) {
        var message = message()
                .setDstPid(report.parentId())
                .setBeginTime(report.beginNanos())
                .setEndTime(report.endNanos())
                .setSuccess(report.code() == ErrorCode.SUCCESS)
                .setCode(RpcErrors.wireCode(report.code()))
                .setFinishedCount(report.finishedBefore())
                .setDarterLie(report.lie());
        report.piece()
                .ifPresent(piece -> message.setPieceInfo(CommonMapper.pieceInfo(piece).toBuilder()
                        .setDownloadCost(report.cost().toMillis())));
        return message;
    }

    /** Says that no further piece will be reported, and closes our half. */
    public void end(int finishedPieces) {
        synchronized (sending) {
            send(message()
                    .setPieceInfo(PieceInfo.newBuilder().setPieceNum(END))
                    .setFinishedCount(finishedPieces)
                    .build());
            if (!closed) {
                closed = true;
                requests.onCompleted();
            }
        }
    }

    /** The next answer; empty when none came in time. */
    public Optional<Answer> take(Duration timeout) throws InterruptedException {
        return answers.take(timeout);
    }

    /** Ends the conversation without a word, unless it was ended. */
    @Override
    public void close() {
        synchronized (sending) {
            if (!closed) {
                closed = true;
                requests.cancel("download over", null);
            }
        }
    }

    private PieceResult.Builder message() {
        return PieceResult.newBuilder().setTaskId(task.value()).setSrcPid(peer.value());
    }

    private void send(PieceResult message) {
        synchronized (sending) {
            if (closed) {
                return;
            }
            try {
                requests.onNext(message);
            } catch (IllegalStateException e) {
                closed = true; // the call ended under us; the taker of answers hears of it
            }
        }
    }

    private final class Answers implements ClientResponseObserver<PieceResult, PeerPacket> {
        @Override
        public void beforeStart(ClientCallStreamObserver<PieceResult> stream) {
            // nothing to set up: messages are small and few
        }

        @Override
        public void onNext(PeerPacket packet) {
            if (packet.hasDarterGrant()) {
                var warrant = ProofMapper.optionalWarrant(packet.getDarterWarrant());
                OriginMapper.grant(packet.getDarterGrant())
                        .ifPresent(grant -> warrant.ifPresent(leave -> answers.put(new Answer.Granted(grant, leave))));
                return;
            }
            if (packet.getCodeValue() == ErrorCode.SUCCESS.number()) {
                var parents = new ArrayList<Answer.Parent>();
                if (packet.hasMainPeer()) {
                    parents.add(parent(packet.getMainPeer()));
                }
                packet.getCandidatePeersList().forEach(candidate -> parents.add(parent(candidate)));
                answers.put(new Answer.Parents(parents, ProofMapper.integrity(packet.getDarterIntegrityValue())));
                return;
            }
            Optional<OriginFailure> origin = packet.hasSourceError()
                    ? Optional.of(RpcErrors.originFailure(packet.getSourceError()))
                    : Optional.empty();
            // A code that nobody knows is no reason to stop: parents keep delivering.
            ErrorCode.byNumber(packet.getCodeValue())
                    .ifPresent(code -> answers.put(new Answer.Coded(
                            code,
                            origin,
                            ProofMapper.optionalWarrant(packet.getDarterWarrant()),
                            packet.getDarterMayReturn())));
        }

        @Override
        public void onError(Throwable failure) {
            var status = failure instanceof StatusRuntimeException known
                    ? known
                    : Status.fromThrowable(failure).asRuntimeException();
            answers.put(new Answer.Ended(Optional.of(RpcErrors.fromStatus(status))));
        }

        @Override
        public void onCompleted() {
            answers.put(new Answer.Ended(Optional.empty()));
        }

        private static Answer.Parent parent(PeerPacket.DestPeer peer) {
            return new Answer.Parent(
                    peer.getIp(),
                    peer.getRpcPort(),
                    peer.getPeerId(),
                    peer.getDarterFeaturesList().contains(Features.MARK),
                    peer.getDarterElsewhere());
        }
    }
}
