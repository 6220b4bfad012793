package dev.darter.peer.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.TaskId;
import dev.darter.peer.neighbour.Followers;
import dev.darter.proto.darter.v1.BlockNews;
import dev.darter.proto.darter.v1.FollowRequest;
import dev.darter.proto.darter.v1.NeighboursGrpc;
import dev.darter.wire.client.BlockMapper;
import dev.darter.wire.client.BlockStream;
import dev.darter.wire.rpc.CallerContext;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code darter.v1.Neighbours}: tells Darter hosts which blocks are here. */
final class NeighbourService extends NeighboursGrpc.NeighboursImplBase {
    /** Tasks that one host may follow at a time: each has a thread here. */
    private static final int MOST_TASKS = 1024;

    private final Followers followers;
    private final Set<Telling> open = ConcurrentHashMap.newKeySet();

    NeighbourService(Followers followers) {
        this.followers = followers;
    }

    @Override
    public StreamObserver<FollowRequest> follow(StreamObserver<BlockNews> out) {
        var call = (ServerCallStreamObserver<BlockNews>) out;
        var telling = new Telling(call, callerIp());
        open.add(telling);
        call.setOnCancelHandler(telling::stop);
        return telling;
    }

    /** The daemon stops: followers shall look for others now. */
    void close() {
        open.forEach(telling -> telling.end(Status.UNAVAILABLE.withDescription("the daemon stops")));
    }

    private static Optional<String> callerIp() {
        return CallerContext.current()
                .address()
                .filter(InetSocketAddress.class::isInstance)
                .map(address -> ((InetSocketAddress) address).getAddress().getHostAddress());
    }

    /** A task that a host follows, under its peer id for it. */
    private record Followed(TaskId task, String peer, Runnable stop) {}

    /** One host that follows us. */
    private final class Telling implements StreamObserver<FollowRequest> {
        private final Object lock = new Object();
        private final Optional<String> ip;

        @GuardedBy("lock")
        private final ServerCallStreamObserver<BlockNews> out;

        @GuardedBy("lock")
        private final Map<Integer, Followed> running = new HashMap<>();

        @GuardedBy("lock")
        private boolean over;

        Telling(ServerCallStreamObserver<BlockNews> out, Optional<String> ip) {
            this.out = out;
            this.ip = ip;
        }

        @Override
        public void onNext(FollowRequest request) {
            if (!request.getShunned().isEmpty()) {
                shun(request.getRef(), request.getShunned());
                return;
            }
            Followed before;
            synchronized (lock) {
                before = running.remove(request.getRef());
                if (!request.getStop() && running.size() >= MOST_TASKS) {
                    throw new CodedException(
                            ErrorCode.BAD_REQUEST,
                            "ref: more than " + MOST_TASKS + " tasks (expected: fewer at a time)");
                }
            }
            if (before != null) {
                before.stop.run();
            }
            if (request.getStop()) {
                return;
            }
            if (!TaskId.isLegal(request.getTaskId())) {
                send(new BlockStream.News.Gone(request.getRef()), false);
                return;
            }
            var task = new TaskId(request.getTaskId());
            Runnable stop = followers.follow(
                    request.getRef(),
                    task,
                    request.getPeerId(),
                    request.getRpcPort() == 0
                            ? Optional.empty()
                            : ip.map(host -> new NetAddress(host, request.getRpcPort())),
                    BitSet.valueOf(request.getHave().toByteArray()),
                    request.getProofs(),
                    news -> send(news, !request.getProofs()));
            synchronized (lock) {
                if (!over) {
                    running.put(request.getRef(), new Followed(task, request.getPeerId(), stop));
                    return;
                }
            }
            stop.run();
        }

        /** Whoever says so says it under the id under which it follows, and under no other. */
        private void shun(int ref, String other) {
            Optional<Followed> followed;
            synchronized (lock) {
                followed = Optional.ofNullable(running.get(ref));
            }
            followed.ifPresent(which -> followers.shuns(which.task, which.peer, other));
        }

        private void send(BlockStream.News news, boolean claims) {
            BlockNews message = switch (news) {
                case BlockStream.News.Blocks blocks -> BlockMapper.news(blocks, claims);
                case BlockStream.News.Gone(int ref) ->
                    BlockNews.newBuilder().setRef(ref).setGone(true).build();
                case BlockStream.News.Forged _, BlockStream.News.Ended _ ->
                    throw new IllegalStateException("nobody tells of that");
            };
            synchronized (lock) {
                if (!over) {
                    out.onNext(message);
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            stop();
        }

        @Override
        public void onCompleted() {
            synchronized (lock) {
                if (!over) {
                    out.onCompleted();
                }
            }
            stop();
        }

        void end(Status status) {
            synchronized (lock) {
                if (!over) {
                    out.onError(status.asRuntimeException());
                }
            }
            stop();
        }

        void stop() {
            open.remove(this);
            Map<Integer, Followed> all;
            synchronized (lock) {
                over = true;
                all = Map.copyOf(running);
                running.clear();
            }
            all.values().forEach(followed -> followed.stop.run());
        }
    }
}
