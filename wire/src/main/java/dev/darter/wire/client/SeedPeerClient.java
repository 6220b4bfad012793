package dev.darter.wire.client;

import dev.darter.core.HostId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.proto.cdnsystem.v1.PieceSeed;
import dev.darter.proto.cdnsystem.v1.SeedRequest;
import dev.darter.proto.cdnsystem.v1.SeederGrpc;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.ProofMapper;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The seed peers of a cluster, on a ring. Any thread may call it; calls block. */
public final class SeedPeerClient implements AutoCloseable {
    private final Reachable seeds;

    public SeedPeerClient(RpcRuntime runtime) {
        this.seeds = new Reachable(runtime, false);
    }

    /** Takes those of {@code addresses} that answer a health check; keeps the old ones when none does. Whether any answered. */
    public boolean update(List<ServerAddress> addresses) {
        return seeds.update(addresses);
    }

    /** Whether any seed peer was ever reached. */
    public boolean isReady() {
        return !seeds.isEmpty();
    }

    /**
     * What a seed peer tells while it fetches.
     *
     * @param piece empty in the first message, in the only further one of empty content, and in one that only says how long the content is
     * @param contentLength -1 while unknown
     * @param totalPieces -1 while unknown
     * @param darter whether it says that it is one of ours; only the first message does
     * @param signs whether signed digests of all blocks are held, or will come; only the first message says so
     */
    public record Seeding(
            String peerId,
            HostId hostId,
            Optional<Piece> piece,
            boolean done,
            boolean reuse,
            long contentLength,
            int totalPieces,
            boolean darter,
            boolean signs) {}

    /** Seed peers in the order in which the ring names them for a task; ask the first, the next one when it cannot be reached. */
    public List<Seed> inOrder(TaskId task) {
        return seeds.inOrder(task.value()).stream().map(Seed::new).toList();
    }

    /** One seed peer. */
    public static final class Seed {
        private final Reachable.Server server;

        private Seed(Reachable.Server server) {
            this.server = server;
        }

        public ServerAddress address() {
            return server.address();
        }

        /**
         * Makes the seed peer fetch the task from its origin, and tells {@code listener} of every message; returns after the last one.
         *
         * @throws dev.darter.core.OriginException if the origin refused
         * @throws StatusRuntimeException for everything else
         */
        public void obtain(
                TaskId task, String url, UrlMeta meta, SeedOrder order, Duration deadline, Consumer<Seeding> listener) {
            var message = SeedRequest.newBuilder()
                    .setTaskId(task.value())
                    .setUrl(url)
                    .setUrlMeta(CommonMapper.urlMeta(meta))
                    .addDarterFeatures(Features.MARK);
            order.warrant().ifPresent(given -> message.setDarterWarrant(ProofMapper.toWire(given)));
            if (order.share().seeds() > 1) {
                message.setDarterSeeds(order.share().seeds())
                        .setDarterHelps(order.share().helps());
            }
            SeedRequest request = message.build();
            // A listener that throws ends the call too: nobody would read what still comes.
            try (var call = Context.ROOT.withCancellation()) {
                call.run(() -> {
                    var seeding = SeederGrpc.newBlockingStub(server.channel())
                            .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
                            .obtainSeeds(request);
                    while (seeding.hasNext()) {
                        listener.accept(seeding(seeding.next()));
                    }
                });
            } catch (StatusRuntimeException e) {
                throw RpcErrors.fromStatus(e);
            }
        }
    }

    @Override
    public void close() {
        seeds.close();
    }

    private static Seeding seeding(PieceSeed seed) {
        boolean hasPiece = seed.hasPieceInfo() && seed.getPieceInfo().getPieceNum() >= 0;
        // In the first message and in a marker the lengths may not be filled: zero says nothing there.
        boolean told = hasPiece || seed.getDone() || seed.getContentLength() > 0;
        return new Seeding(
                seed.getPeerId(),
                new HostId(seed.getHostId()),
                hasPiece ? Optional.of(CommonMapper.piece(seed.getPieceInfo())) : Optional.empty(),
                seed.getDone(),
                seed.getReuse(),
                told ? seed.getContentLength() : -1,
                told ? seed.getTotalPieceCount() : -1,
                seed.getDarterFeaturesCount() > 0,
                seed.getDarterSigns());
    }
}
