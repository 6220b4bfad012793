package dev.darter.bench.scheduler;

import com.google.protobuf.Empty;
import dev.darter.bench.lab.LabException;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The gRPC side of many peers: calls without a thread for each, over as many connections as there would be hosts in a small cluster.
 * Callbacks run on the connections' event loops and must be short. Any thread may call it.
 */
final class Crowd implements AutoCloseable {
    private static final int BEGIN = -1;
    private static final long DEADLINE_SECONDS = 30;

    private final List<ManagedChannel> channels = new ArrayList<>();

    Crowd(int port, int connections) {
        for (int i = 0; i < connections; i++) {
            channels.add(NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .proxyDetector(_ -> null)
                    .usePlaintext()
                    .directExecutor()
                    .build());
        }
    }

    private SchedulerGrpc.SchedulerStub of(int host) {
        return SchedulerGrpc.newStub(channels.get(Math.floorMod(host, channels.size())));
    }

    private SchedulerGrpc.SchedulerStub unary(int host) {
        return of(host).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** @param done whether it was taken */
    void announce(int host, AnnounceTaskRequest request, Consumer<Boolean> done) {
        unary(host).announceTask(request, new Unary(done));
    }

    void leave(int host, String hostId, Consumer<Boolean> done) {
        unary(host).leaveHost(LeaveHostRequest.newBuilder().setId(hostId).build(), new Unary(done));
    }

    /**
     * A peer registers, opens its stream, says that it begins, and waits for its first parents.
     *
     * @param keep whether the stream stays open afterwards
     * @param done the stream, or nothing when there were no parents; called once
     */
    void register(int host, PeerTaskRequest request, boolean keep, Consumer<Outcome> done) {
        unary(host).registerPeerTask(request, new StreamObserver<>() {
            private boolean answered;

            @Override
            public void onNext(RegisterResult answer) {
                answered = true;
                new Talk(request.getTaskId(), request.getPeerId(), keep, done).open(of(host));
            }

            @Override
            public void onError(Throwable failure) {
                if (!answered) {
                    done.accept(new Outcome.Failed(String.valueOf(failure.getMessage())));
                }
            }

            @Override
            public void onCompleted() {
                // the stream goes on from here
            }
        });
    }

    /** How a registration ended. */
    sealed interface Outcome {
        record Parents(Talk talk, int parents) implements Outcome {}

        record Failed(String reason) implements Outcome {}
    }

    /** One peer's report stream. */
    static final class Talk implements ClientResponseObserver<PieceResult, PeerPacket> {
        private final String task;
        private final String peer;
        private final boolean keep;
        private final Consumer<Outcome> done;
        private final AtomicBoolean told = new AtomicBoolean();
        private volatile ClientCallStreamObserver<PieceResult> requests;

        @SuppressWarnings("NullAway.Init") // gRPC sets it before anything else happens
        Talk(String task, String peer, boolean keep, Consumer<Outcome> done) {
            this.task = task;
            this.peer = peer;
            this.keep = keep;
            this.done = done;
        }

        void open(SchedulerGrpc.SchedulerStub stub) {
            var _ = stub.reportPieceResult(this);
            send(message().setPieceInfo(PieceInfo.newBuilder().setPieceNum(BEGIN)));
        }

        private PieceResult.Builder message() {
            return PieceResult.newBuilder().setTaskId(task).setSrcPid(peer);
        }

        private synchronized void send(PieceResult.Builder message) {
            requests.onNext(message.build());
        }

        /** Tells of a piece that came from {@code parent}. */
        void report(PieceInfo piece, String parent, int before) {
            send(message()
                    .setDstPid(parent)
                    .setPieceInfo(piece)
                    .setSuccess(true)
                    .setCode(Code.Success)
                    .setFinishedCount(before));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<PieceResult> stream) {
            requests = stream;
        }

        @Override
        public void onNext(PeerPacket packet) {
            if (!told.compareAndSet(false, true)) {
                return;
            }
            if (!keep) {
                close();
            }
            done.accept(
                    packet.getCode() == Code.Success
                            ? new Outcome.Parents(this, 1 + packet.getCandidatePeersCount())
                            : new Outcome.Failed("code " + packet.getCodeValue() + " (expected: parents)"));
        }

        @Override
        public void onError(Throwable failure) {
            end(String.valueOf(failure.getMessage()));
        }

        @Override
        public void onCompleted() {
            end("the stream ended (expected: parents)");
        }

        private void end(String reason) {
            if (told.compareAndSet(false, true)) {
                done.accept(new Outcome.Failed(reason));
            }
        }

        synchronized void close() {
            requests.onCompleted();
        }
    }

    /** A call whose answer says nothing. */
    private record Unary(Consumer<Boolean> done) implements StreamObserver<Empty> {
        @Override
        public void onNext(Empty answer) {}

        @Override
        public void onError(Throwable failure) {
            done.accept(false);
        }

        @Override
        public void onCompleted() {
            done.accept(true);
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        try {
            for (ManagedChannel channel : channels) {
                if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
                    throw new LabException("a connection to the scheduler does not close");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
