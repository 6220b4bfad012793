package dev.darter.wire.client;

import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.rpc.RpcErrors;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a parent says of the pieces it has, as it gets them. Any thread may ask; one thread takes the news. */
public final class PieceStream implements AutoCloseable {
    /** What a parent told, or how the stream ended. */
    public sealed interface News {
        /**
         * Pieces that the parent has.
         *
         * @param peerId who really holds them; the id to name when fetching
         * @param address {@code ip:port} to fetch them from
         * @param totalPieces -1 while unknown
         * @param contentLength -1 while unknown
         * @param pieceMd5Sign empty while unknown
         * @param header of the origin; empty in all messages but one
         * @param darter whether the parent is one of ours, whatever the scheduler knows of it
         */
        record Pieces(
                String peerId,
                String address,
                List<Piece> pieces,
                int totalPieces,
                long contentLength,
                String pieceMd5Sign,
                Map<String, String> header,
                boolean darter)
                implements News {
            public Pieces {
                pieces = List.copyOf(pieces);
                header = Map.copyOf(header);
            }
        }

        /** The stream is over; always the last one. */
        record Ended(Optional<RuntimeException> failure) implements News {}
    }

    private final TaskId task;
    private final PeerId child;
    private final String parentId;
    private final Inbox<News> inbox = new Inbox<>();
    private final Requests<PieceTaskRequest> requests;

    PieceStream(ManagedChannel channel, TaskId task, PeerId child, String parentId) {
        this.task = task;
        this.child = child;
        this.parentId = parentId;
        this.requests = new Requests<>(DaemonGrpc.newStub(channel).syncPieceTasks(new Packets(inbox::put)));
    }

    /** Asks for news of pieces from {@code first} on, {@code limit} a message; after that they come by themselves. */
    public void ask(int first, int limit) {
        requests.send(PieceTaskRequest.newBuilder()
                .setTaskId(task.value())
                .setSrcPid(child.value())
                .setDstPid(parentId)
                .setStartNum(first)
                .setLimit(limit)
                .addDarterFeatures(Features.MARK)
                .build());
    }

    /** The next news; empty when none came in time. */
    public Optional<News> take(Duration timeout) throws InterruptedException {
        return inbox.take(timeout);
    }

    /** Ends the stream from our side. */
    @Override
    public void close() {
        requests.close();
    }

    private record Packets(Consumer<News> out) implements StreamObserver<PiecePacket> {
        @Override
        public void onNext(PiecePacket packet) {
            try {
                out.accept(new News.Pieces(
                        packet.getDstPid(),
                        packet.getDstAddr(),
                        packet.getPieceInfosList().stream()
                                .map(CommonMapper::piece)
                                .toList(),
                        packet.getTotalPiece(),
                        packet.getContentLength(),
                        packet.getPieceMd5Sign(),
                        packet.getExtendAttribute().getHeaderMap(),
                        packet.getDarterFeaturesList().contains(Features.MARK)));
            } catch (IllegalArgumentException e) {
                out.accept(new News.Ended(Optional.of(e))); // a parent that sends nonsense is no parent
            }
        }

        @Override
        public void onError(Throwable failure) {
            var status = failure instanceof StatusRuntimeException known
                    ? known
                    : Status.fromThrowable(failure).asRuntimeException();
            out.accept(new News.Ended(Optional.of(RpcErrors.fromStatus(status))));
        }

        @Override
        public void onCompleted() {
            out.accept(new News.Ended(Optional.empty()));
        }
    }
}
