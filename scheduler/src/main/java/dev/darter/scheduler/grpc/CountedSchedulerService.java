package dev.darter.scheduler.grpc;

import com.google.protobuf.Empty;
import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.FinishedPieces;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.proto.scheduler.v1.StatTaskRequest;
import dev.darter.proto.scheduler.v1.SyncProbesRequest;
import dev.darter.proto.scheduler.v1.SyncProbesResponse;
import dev.darter.proto.scheduler.v1.Task;
import dev.darter.scheduler.seedpeer.PeerMetrics;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.PeerState;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.wire.metrics.SchedulerMetrics;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Counts what goes through a scheduler service, under upstream's names; does nothing else. */
public final class CountedSchedulerService extends SchedulerGrpc.SchedulerImplBase {
    /** What upstream writes for every registration: its name of a standard task in the first protocol, and a peer's default type. */
    private static final String NORMAL_TASK = "Normal";

    private static final String NORMAL_HOST = "normal";

    private final SchedulerGrpc.SchedulerImplBase service;
    private final Swarm swarm;
    private final SchedulerMetrics metrics;
    private final PeerMetrics peers;

    public CountedSchedulerService(
            SchedulerGrpc.SchedulerImplBase service, Swarm swarm, SchedulerMetrics metrics, PeerMetrics peers) {
        this.service = service;
        this.swarm = swarm;
        this.metrics = metrics;
        this.peers = peers;
    }

    @Override
    public void registerPeerTask(PeerTaskRequest request, StreamObserver<RegisterResult> answer) {
        var meta = request.getUrlMeta();
        var labels = new SchedulerMetrics.PeerLabels(
                priority(meta.getPriorityValue()), NORMAL_TASK, meta.getTag(), meta.getApplication(), NORMAL_HOST);
        metrics.registered(labels);
        orElse(() -> service.registerPeerTask(request, answer), () -> metrics.registrationRefused(labels));
    }

    private static String priority(int number) {
        return "LEVEL" + Math.clamp(number, 0, Priority.values().length - 1);
    }

    @Override
    public StreamObserver<PieceResult> reportPieceResult(StreamObserver<PeerPacket> answers) {
        metrics.scheduleBegan();
        return new CountedReports(service.reportPieceResult(answers));
    }

    @Override
    public void reportPeerResult(PeerResult request, StreamObserver<Empty> answer) {
        var peer = swarm.peer(new PeerId(request.getPeerId()));
        boolean atSource = peer.isPresent() && peer.get().state() == PeerState.BACK_TO_SOURCE;
        service.reportPeerResult(request, answer);
        peer.ifPresent(known -> {
            if (request.getSuccess()) {
                metrics.succeeded(
                        PeerMetrics.labels(known),
                        known.task().contentLength(),
                        Integer.toUnsignedLong(request.getCost()));
            } else {
                metrics.failed(PeerMetrics.labels(known), atSource);
            }
        });
    }

    @Override
    public void announceTask(AnnounceTaskRequest request, StreamObserver<Empty> answer) {
        counted(metrics.announcePeer(), () -> service.announceTask(request, answer));
    }

    @Override
    public void statTask(StatTaskRequest request, StreamObserver<Task> answer) {
        counted(metrics.statTask(), () -> service.statTask(request, answer));
    }

    @Override
    public void leaveTask(PeerTarget request, StreamObserver<Empty> answer) {
        counted(metrics.leavePeer(), () -> service.leaveTask(request, answer));
    }

    @Override
    public void announceHost(AnnounceHostRequest request, StreamObserver<Empty> answer) {
        var build = request.getBuild();
        var labels = new SchedulerMetrics.Announced(
                request.getOs(),
                request.getPlatform(),
                request.getPlatformFamily(),
                request.getPlatformVersion(),
                request.getKernelVersion(),
                build.getGitVersion(),
                build.getGitCommit(),
                build.getGoVersion(),
                build.getPlatform());
        metrics.hostAnnounced(labels);
        orElse(() -> service.announceHost(request, answer), () -> metrics.hostRefused(labels));
    }

    @Override
    public void leaveHost(LeaveHostRequest request, StreamObserver<Empty> answer) {
        counted(metrics.leaveHost(), () -> service.leaveHost(request, answer));
    }

    @Override
    public StreamObserver<SyncProbesRequest> syncProbes(StreamObserver<SyncProbesResponse> answers) {
        metrics.syncProbes().began();
        return service.syncProbes(answers);
    }

    private static void counted(SchedulerMetrics.Attempts attempts, Runnable call) {
        attempts.began();
        orElse(call, attempts::failed);
    }

    private static void orElse(Runnable call, Runnable failed) {
        try {
            call.run();
        } catch (RuntimeException e) {
            failed.run();
            throw e;
        }
    }

    /** The messages of one report stream, on their way to the service. */
    private final class CountedReports implements StreamObserver<PieceResult> {
        private final StreamObserver<PieceResult> reports;
        private boolean over;

        CountedReports(StreamObserver<PieceResult> reports) {
            this.reports = reports;
        }

        @Override
        public void onNext(PieceResult result) {
            reports.onNext(result);
            if (!result.getSuccess()) {
                return;
            }
            swarm.peer(new PeerId(result.getSrcPid())).ifPresent(peer -> {
                SchedulerService.piece(result).ifPresent(got -> count(peer, result.getDstPid(), got.length()));
                for (FinishedPieces more : result.getDarterFinishedList()) {
                    long bytes = more.getPiecesList().stream()
                            .mapToLong(piece -> Integer.toUnsignedLong(piece.getRangeSize()))
                            .sum();
                    count(peer, more.getDstPid(), bytes);
                }
            });
        }

        private void count(Peer peer, String parent, long bytes) {
            peers.arrived(peer, parent.isEmpty() ? Optional.empty() : Optional.of(new PeerId(parent)), bytes);
        }

        @Override
        public void onError(Throwable failure) {
            end();
            reports.onError(failure);
        }

        @Override
        public void onCompleted() {
            end();
            reports.onCompleted();
        }

        private void end() {
            if (!over) {
                over = true;
                metrics.scheduleEnded();
            }
        }
    }
}
