package dev.darter.peer.grpc;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.PeerHost;
import dev.darter.core.Piece;
import dev.darter.core.SeedShare;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.peer.scheduler.Holdings;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.BytesBySource;
import dev.darter.peer.task.Joined;
import dev.darter.peer.task.TaskMetrics;
import dev.darter.peer.task.TaskSpec;
import dev.darter.peer.task.Tasks;
import dev.darter.proto.cdnsystem.v1.PieceSeed;
import dev.darter.proto.cdnsystem.v1.SeedRequest;
import dev.darter.proto.cdnsystem.v1.SeederGrpc;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.wire.client.SeedOrder;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import dev.darter.wire.map.ProofMapper;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Fetches from origins for a scheduler, and tells it of every piece in order. */
final class SeederService extends SeederGrpc.SeederImplBase {
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** The end that schedulers write into a range that has none. */
    private static final String OPEN_END = "-" + (Long.MAX_VALUE - 1);

    private final Tasks tasks;
    private final Holdings holdings;
    private final PieceDirectory directory;
    private final TaskMetrics metrics;
    private final Supplier<PeerHost> host;
    private final InstantSource clock;

    SeederService(
            Tasks tasks,
            Holdings holdings,
            PieceDirectory directory,
            TaskMetrics metrics,
            Supplier<PeerHost> host,
            InstantSource clock) {
        this.metrics = metrics;
        this.tasks = tasks;
        this.holdings = holdings;
        this.directory = directory;
        this.host = host;
        this.clock = clock;
    }

    @Override
    public void obtainSeeds(SeedRequest request, StreamObserver<PieceSeed> out) {
        TaskSpec spec = spec(request);
        metrics.seedBegan();
        Optional<Joined> joined = Optional.empty();
        boolean well = false;
        try {
            SeedShare share = share(request);
            joined = Optional.of(
                    tasks.seed(spec, new SeedOrder(ProofMapper.optionalWarrant(request.getDarterWarrant()), share)));
            new Seeding(joined.get(), share.seeds() > 1, out).run();
            well = true;
        } catch (OriginException e) {
            out.onError(e);
        } catch (CodedException e) {
            out.onError(Status.INTERNAL
                    .withDescription(
                            "seed task failed: peer task failed: " + e.code().number() + "/" + e.getMessage())
                    .asRuntimeException());
        } catch (IOException e) {
            out.onError(Status.INTERNAL
                    .withDescription("seed task failed: storage: " + e.getMessage())
                    .asRuntimeException());
        } catch (InterruptedException e) {
            out.onError(Status.UNAVAILABLE.withDescription("the daemon stops").asRuntimeException());
        } finally {
            var sources = joined.map(Joined::sources).orElse(new BytesBySource(0, 0, 0));
            boolean reused = joined.map(Joined::isLocal).orElse(false);
            metrics.seedEnded(well, reused, reused ? sources.local() : sources.origin());
        }
    }

    @Override
    public void getPieceTasks(PieceTaskRequest request, StreamObserver<PiecePacket> out) {
        out.onNext(directory.window(request));
        out.onCompleted();
    }

    @Override
    public StreamObserver<PieceTaskRequest> syncPieceTasks(StreamObserver<PiecePacket> out) {
        return PieceSync.open(directory, out);
    }

    /**
     * Recomputes the id, since whoever reaches this port could ask for one URL's content under another's name. A scheduler
     * that writes an open range out in full means the id that its peers computed from the open one.
     */
    private static TaskSpec spec(SeedRequest request) {
        UrlMeta meta = CommonMapper.urlMeta(request.getUrlMeta());
        if (meta.range().endsWith(OPEN_END)) {
            String open = meta.range().substring(0, meta.range().length() - OPEN_END.length() + 1);
            TaskId asked = TaskId.v1(request.getUrl(), meta.withRange(open));
            if (asked.value().equals(request.getTaskId())) {
                return TaskSpec.of(request.getUrl(), meta.withRange(open));
            }
        }
        return TaskSpec.of(request.getUrl(), meta);
    }

    /** @throws CodedException if no scheduler would ask for that */
    private static SeedShare share(SeedRequest request) {
        if (request.getDarterSeeds() == 0) {
            return SeedShare.ALONE;
        }
        try {
            return new SeedShare(request.getDarterSeeds(), request.getDarterHelps());
        } catch (IllegalArgumentException e) {
            throw new CodedException(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    /** One answer: a first message, one for each piece in order, the last one marked. */
    private final class Seeding {
        private final Joined joined;
        private final StreamObserver<PieceSeed> out;
        private final long began = unixNanos();
        private boolean lengthWanted;
        private int next;

        /** @param lengthWanted whether the scheduler wants to know how long the content is before there is a piece of it */
        Seeding(Joined joined, boolean lengthWanted, StreamObserver<PieceSeed> out) {
            this.joined = joined;
            this.lengthWanted = lengthWanted;
            this.out = out;
        }

        void run() throws IOException, InterruptedException {
            out.onNext(PieceSeed.newBuilder()
                    .setPeerId(joined.peer().value())
                    .setHostId(host.get().id().value())
                    .setPieceInfo(PieceInfo.newBuilder().setPieceNum(-1))
                    .addDarterFeatures(Features.MARK)
                    .setDarterSigns(joined.signs())
                    .build());
            while (!joined.await(Duration.ZERO)) {
                if (Context.current().isCancelled()) {
                    return; // the scheduler is gone; its peers still want the content
                }
                TaskContent content = joined.content();
                long seen = content.version();
                tell(content, false);
                var _ = content.awaitChange(seen, LOOK);
            }
            tell(joined.content(), true);
            out.onCompleted();
            holdings.told(joined.task(), joined.peer());
        }

        /** Pieces without a gap; the last one, or what may be the last one, waits until everything was verified. */
        private void tell(TaskContent content, boolean whole) {
            tellLength(content);
            List<Piece> pieces = content.pieces(next, Integer.MAX_VALUE);
            for (int i = 0; i < pieces.size() && pieces.get(i).number() == next; i++) {
                int total = content.totalPieces().orElse(-1);
                boolean last = total < 0 ? i == pieces.size() - 1 : next + 1 == total;
                if (last && !whole) {
                    return;
                }
                out.onNext(message(content)
                        .setPieceInfo(CommonMapper.pieceInfo(pieces.get(i)))
                        .setDone(last)
                        .build());
                next++;
            }
            if (whole && content.length().orElse(-1) == 0) {
                out.onNext(message(content).setDone(true).build());
            }
        }

        private void tellLength(TaskContent content) {
            if (lengthWanted && content.length().isPresent()) {
                lengthWanted = false;
                out.onNext(message(content)
                        .setPieceInfo(PieceInfo.newBuilder().setPieceNum(-1))
                        .build());
            }
        }

        private PieceSeed.Builder message(TaskContent content) {
            return PieceSeed.newBuilder()
                    .setReuse(joined.isLocal())
                    .setPeerId(joined.peer().value())
                    .setHostId(host.get().id().value())
                    .setContentLength(content.length().orElse(-1))
                    .setTotalPieceCount(content.totalPieces().orElse(-1))
                    .setBeginTime(began)
                    .setEndTime(unixNanos());
        }

        private long unixNanos() {
            Instant now = clock.instant();
            return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        }
    }
}
