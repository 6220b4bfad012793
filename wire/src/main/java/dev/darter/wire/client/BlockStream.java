package dev.darter.wire.client;

import com.google.protobuf.ByteString;
import dev.darter.core.Block;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.TaskId;
import dev.darter.proto.darter.v1.BlockNews;
import dev.darter.proto.darter.v1.FollowRequest;
import dev.darter.proto.darter.v1.NeighboursGrpc;
import dev.darter.wire.map.ProofMapper;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** What one Darter host tells us of the blocks it has, for all tasks. Any thread may ask; news come one after the other. */
public final class BlockStream implements AutoCloseable {
    /** What the host told, or that it will tell no more. */
    public sealed interface News {
        /**
         * What it has of one task, beyond what it told before.
         *
         * @param ref the task's number on this stream
         * @param holder peer id to name when fetching
         * @param address {@code ip:port} to fetch from
         * @param contentLength -1 while unknown
         * @param blockLength 0 while unknown
         * @param pieceLength 0 while unknown
         * @param header of the origin; empty in all news but one
         * @param blocks what it has; a digest in them is a claim and no proof
         * @param handsOut whether it gives away, in its own order, what it gave to nobody yet
         * @param warrants for {@code batches}, of this or later news
         * @param batches signed digests; none of them was checked
         */
        record Blocks(
                int ref,
                String holder,
                String address,
                long contentLength,
                int blockLength,
                long pieceLength,
                Map<String, String> header,
                List<Block> blocks,
                List<Piece> pieces,
                boolean handsOut,
                List<SignedWarrant> warrants,
                List<SignedBatch> batches)
                implements News {
            public Blocks {
                header = Map.copyOf(header);
                blocks = List.copyOf(blocks);
                pieces = List.copyOf(pieces);
                warrants = List.copyOf(warrants);
                batches = List.copyOf(batches);
            }
        }

        /** It has not got the task, or no longer. */
        record Gone(int ref) implements News {}

        /** It sent as a proof what can be none: a forger, since nobody passes on what he did not read. */
        record Forged(int ref, String reason) implements News {}

        /** The stream is over; always the last one. */
        record Ended(String reason) implements News {}
    }

    private final Requests<FollowRequest> requests;

    /** @param out called on {@code loop}; must not wait */
    BlockStream(ManagedChannel channel, Executor loop, Consumer<News> out) {
        this.requests = new Requests<>(
                NeighboursGrpc.newStub(channel).withExecutor(loop).follow(new Answers(out)));
    }

    /**
     * Asks for news of a task from now on.
     *
     * @param ref not used for another task on this stream
     * @param me our peer id for the task
     * @param rpcPort where we can be followed in turn; 0 for nowhere
     * @param have blocks that need not be told of
     */
    public void follow(int ref, TaskId task, PeerId me, int rpcPort, BitSet have) {
        requests.send(FollowRequest.newBuilder()
                .setRef(ref)
                .setTaskId(task.value())
                .setPeerId(me.value())
                .setRpcPort(rpcPort)
                .setHave(ByteString.copyFrom(have.toByteArray()))
                .setProofs(true)
                .build());
    }

    /** Says that nothing is taken from another peer of the task. */
    public void shun(int ref, TaskId task, PeerId me, String other) {
        requests.send(FollowRequest.newBuilder()
                .setRef(ref)
                .setTaskId(task.value())
                .setPeerId(me.value())
                .setShunned(other)
                .build());
    }

    /** No more news of the task are wanted. */
    public void leave(int ref, TaskId task, PeerId me) {
        requests.send(FollowRequest.newBuilder()
                .setRef(ref)
                .setTaskId(task.value())
                .setPeerId(me.value())
                .setStop(true)
                .build());
    }

    @Override
    public void close() {
        requests.close();
    }

    private record Answers(Consumer<News> out) implements StreamObserver<BlockNews> {
        @Override
        public void onNext(BlockNews news) {
            if (news.getGone()) {
                out.accept(new News.Gone(news.getRef()));
                return;
            }
            List<SignedWarrant> warrants;
            List<SignedBatch> batches;
            try {
                warrants = news.getWarrantsList().stream()
                        .map(ProofMapper::warrant)
                        .toList();
                batches = news.getBatchesList().stream().map(ProofMapper::batch).toList();
            } catch (IllegalArgumentException e) {
                out.accept(new News.Forged(news.getRef(), String.valueOf(e.getMessage())));
                return;
            }
            try {
                out.accept(BlockMapper.blocks(news, warrants, batches));
            } catch (IllegalArgumentException e) {
                out.accept(new News.Gone(news.getRef())); // a neighbour that sends nonsense has nothing for us
            }
        }

        @Override
        public void onError(Throwable failure) {
            out.accept(new News.Ended(Status.fromThrowable(failure).toString()));
        }

        @Override
        public void onCompleted() {
            out.accept(new News.Ended("the neighbour ended the stream"));
        }
    }
}
