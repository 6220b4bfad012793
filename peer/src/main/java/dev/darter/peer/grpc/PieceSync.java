package dev.darter.peer.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.Piece;
import dev.darter.peer.storage.TaskContent;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One child's stream of piece announcements. The first request is answered at once, with what is here; from then on a thread
 * of its own announces pieces as they land, each once; every further request is answered with its window. The stream stays
 * open until the child ends it.
 *
 * <p>The last piece is not announced before the content is complete: until then its digests are not known to hold, and a
 * child that has all pieces asks for the sign of all.
 */
final class PieceSync implements StreamObserver<PieceTaskRequest> {
    private static final int DEFAULT_LIMIT = 16;
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration STORAGE_LOOK = Duration.ofMillis(20);

    private final PieceDirectory directory;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final ServerCallStreamObserver<PiecePacket> out;

    @GuardedBy("lock")
    private final BitSet sent = new BitSet();

    @GuardedBy("lock")
    private boolean headerSent;

    /** Whether the child was told length, number of pieces and sign of complete content. */
    @GuardedBy("lock")
    private boolean finalTold;

    @GuardedBy("lock")
    private boolean over;

    private volatile Optional<Thread> follower = Optional.empty();

    private PieceSync(PieceDirectory directory, ServerCallStreamObserver<PiecePacket> out) {
        this.directory = directory;
        this.out = out;
    }

    static PieceSync open(PieceDirectory directory, StreamObserver<PiecePacket> out) {
        var call = (ServerCallStreamObserver<PiecePacket>) out;
        var sync = new PieceSync(directory, call);
        call.setOnCancelHandler(sync::stop);
        directory.listens(sync);
        return sync;
    }

    /** The daemon stops: the child shall look for another parent now. */
    void endForStop() {
        end(Status.UNAVAILABLE.withDescription("the daemon stops").asRuntimeException());
    }

    @Override
    public void onNext(PieceTaskRequest request) {
        if (follower.isPresent()) {
            send(directory.window(request));
            return;
        }
        Optional<TaskContent> content = directory.content(request);
        if (content.isEmpty()) {
            send(directory.nothingYet(request));
        } else {
            announce(request, content.get(), true);
        }
        follower = Optional.of(
                Thread.ofVirtual().name("piece-sync-" + request.getSrcPid()).start(() -> follow(request, content)));
    }

    @Override
    public void onError(Throwable failure) {
        stop();
    }

    @Override
    public void onCompleted() {
        stop();
        synchronized (lock) {
            if (!over) {
                over = true;
                out.onCompleted();
            }
        }
    }

    private void stop() {
        directory.forget(this);
        follower.ifPresent(Thread::interrupt);
    }

    private void follow(PieceTaskRequest request, Optional<TaskContent> known) {
        try {
            TaskContent content = known.isPresent() ? known.get() : awaitContent(request);
            while (true) {
                long seen = content.version();
                // Read before the pieces are: what is complete then has no piece that would be missed.
                TaskContent.State state = content.state();
                announce(request, content, false);
                switch (state) {
                    case COMPLETE -> {
                        return;
                    }
                    case FAILED -> {
                        fail(content.failure());
                        return;
                    }
                    case PARTIAL -> {
                        if (!directory.isRunning(request) && content.state() == TaskContent.State.PARTIAL) {
                            end(Status.UNAVAILABLE
                                    .withDescription("task " + content.task() + " is incomplete, and nobody fetches it")
                                    .asRuntimeException());
                            return;
                        }
                    }
                }
                var _ = content.awaitChange(seen, LOOK);
            }
        } catch (InterruptedException e) {
            // the child ended the stream
        } catch (RuntimeException e) {
            end(e);
        }
    }

    /** A download that has just begun takes a moment to find its place in storage. */
    private TaskContent awaitContent(PieceTaskRequest request) throws InterruptedException {
        while (true) {
            Optional<TaskContent> content = directory.content(request);
            if (content.isPresent()) {
                return content.get();
            }
            Thread.sleep(STORAGE_LOOK);
        }
    }

    /** Sends what was not sent, some pieces a packet; an empty packet only when the child waits for it. */
    private void announce(PieceTaskRequest request, TaskContent content, boolean first) {
        int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : request.getLimit();
        boolean awaited = first;
        while (true) {
            synchronized (lock) {
                boolean complete = content.state() == TaskContent.State.COMPLETE;
                List<Piece> pieces = unsent(request, content, limit);
                if (over || (pieces.isEmpty() && !awaited && (finalTold || !complete))) {
                    return;
                }
                awaited = false;
                finalTold |= complete;
                pieces.forEach(piece -> sent.set(piece.number()));
                Map<String, String> header = headerSent || pieces.isEmpty() ? Map.of() : content.header();
                headerSent |= !header.isEmpty();
                out.onNext(directory.packet(request, content, pieces, header));
            }
        }
    }

    @GuardedBy("lock")
    private List<Piece> unsent(PieceTaskRequest request, TaskContent content, int limit) {
        int from = sent.nextClearBit(request.getStartNum());
        var pieces = new ArrayList<Piece>();
        for (Piece piece : content.pieces(from, Integer.MAX_VALUE)) {
            if (!sent.get(piece.number())) {
                pieces.add(piece);
            }
        }
        // While the length is unknown, any piece may turn out to be the last one.
        boolean mayBeLast = content.totalPieces().isEmpty()
                || content.finishedPieces() == content.totalPieces().getAsInt();
        if (mayBeLast && content.state() != TaskContent.State.COMPLETE && !pieces.isEmpty()) {
            pieces.removeLast();
        }
        return pieces.size() > limit ? List.copyOf(pieces.subList(0, limit)) : pieces;
    }

    private void fail(Optional<CodedException> cause) {
        if (cause.isEmpty() || cause.get().code() == ErrorCode.PEER_TASK_NOT_FOUND) {
            end(new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task not found"));
        } else if (cause.get() instanceof OriginException) {
            end(cause.get());
        } else {
            end(Status.INTERNAL
                    .withDescription("peer task failed: " + cause.get().code().number() + "/"
                            + cause.get().getMessage())
                    .asRuntimeException());
        }
    }

    private void send(PiecePacket packet) {
        synchronized (lock) {
            if (!over) {
                out.onNext(packet);
            }
        }
    }

    private void end(RuntimeException failure) {
        synchronized (lock) {
            if (!over) {
                over = true;
                out.onError(failure);
            }
        }
        stop();
    }
}
