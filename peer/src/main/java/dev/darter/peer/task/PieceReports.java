package dev.darter.peer.task;

import dev.darter.core.ErrorCode;
import dev.darter.core.Piece;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.PieceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What one download says to its scheduler of pieces and of those who gave them. Says nothing where there is no scheduler. For one thread. */
final class PieceReports {
    /** Who gave a piece that came from the origin. */
    static final String ORIGIN = "";

    private final Environment env;
    private final TaskContent content;
    private final Optional<Conversation> conversation;
    private final BitSet stored;

    /** Who gave the latest block: a piece that is found whole later is reported as from there, since no parent would mean the origin. */
    private String lastGiver = ORIGIN;

    /** @param stored pieces that are known to be here; those that are found are added */
    PieceReports(Environment env, TaskContent content, Optional<Conversation> conversation, BitSet stored) {
        this.env = env;
        this.content = content;
        this.conversation = conversation;
        this.stored = stored;
    }

    /** A block came from there. */
    void gave(String peer) {
        lastGiver = peer;
    }

    /** Reports pieces that became whole, as given by whoever gave the latest block. */
    void newPieces() {
        if (content.finishedPieces() == stored.cardinality()) {
            return;
        }
        for (Piece piece : content.pieces(stored.nextClearBit(0), Integer.MAX_VALUE)) {
            if (!stored.get(piece.number())) {
                env.metrics().pieceFetched();
                report(lastGiver, Optional.of(piece), ErrorCode.SUCCESS, now(), 0, "");
                stored.set(piece.number());
            }
        }
    }

    /** A piece was fetched from a parent, or was not. */
    void ended(Fetch fetch, ErrorCode code, long nanos) {
        report(fetch.parent(), Optional.of(fetch.announced()), code, fetch.beganAt(), nanos, "");
    }

    /**
     * A parent was left.
     *
     * @param lie how it was found to send what it must know to be wrong; empty when it was not
     */
    void left(String peer, ErrorCode code, String lie) {
        report(peer, Optional.empty(), code, now(), 0, lie);
    }

    private void report(String peer, Optional<Piece> piece, ErrorCode code, long began, long nanos, String lie) {
        conversation.ifPresent(scheduler -> scheduler.report(new PieceReport(
                peer, piece, began, began + nanos, code, stored.cardinality(), Duration.ofNanos(nanos), lie)));
    }

    /** Nanoseconds since 1970, as reports count. */
    long now() {
        Instant now = env.clock().instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
