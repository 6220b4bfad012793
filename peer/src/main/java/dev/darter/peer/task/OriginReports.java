package dev.darter.peer.task;

import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.PieceReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tells the scheduler of pieces as the origin delivers them, on a thread of its own; closing tells the rest. */
final class OriginReports implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final TaskContent content;
    private final Conversation scheduler;
    private final InstantSource clock;
    private final BitSet known = new BitSet();
    private final Thread thread;
    private long lastEnd;
    private volatile boolean over;

    private OriginReports(TaskContent content, Conversation scheduler, InstantSource clock) {
        this.content = content;
        this.scheduler = scheduler;
        this.clock = clock;
        this.lastEnd = now();
        content.pieces(0, Integer.MAX_VALUE).forEach(piece -> known.set(piece.number()));
        this.thread = Thread.ofVirtual().name("origin-reports").unstarted(this::follow);
    }

    /** Does nothing where no scheduler takes part. */
    static AutoCloseableReports start(TaskContent content, Optional<Conversation> scheduler, InstantSource clock) {
        if (scheduler.isEmpty()) {
            return () -> {};
        }
        var reports = new OriginReports(content, scheduler.get(), clock);
        reports.thread.start();
        return reports::close;
    }

    /** Ends without an exception. */
    interface AutoCloseableReports extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public void close() {
        over = true;
        thread.interrupt();
        LastRound.after(thread, this::reportNew);
    }

    private void follow() {
        long seen = -1;
        try {
            while (!over) {
                seen = content.awaitChange(seen, LOOK);
                reportNew();
            }
        } catch (InterruptedException e) {
            // the origin was read; close() reports what is left
        }
    }

    private void reportNew() {
        for (Piece piece : content.pieces(known.nextClearBit(0), Integer.MAX_VALUE)) {
            if (!known.get(piece.number())) {
                int before = known.cardinality();
                known.set(piece.number());
                long end = now();
                scheduler.report(new PieceReport(
                        "", Optional.of(piece), lastEnd, end, ErrorCode.SUCCESS, before, Duration.ZERO));
                lastEnd = end;
            }
        }
    }

    private long now() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
