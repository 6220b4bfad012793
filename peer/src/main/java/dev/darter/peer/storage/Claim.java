package dev.darter.peer.storage;

import dev.darter.core.Piece;
import java.time.Duration;

/** What somebody gets who wants to fetch a piece: nobody fetches a piece that is here or on its way. */
public sealed interface Claim {
    /** The piece is here. */
    record Stored(Piece piece) implements Claim {}

    /** Somebody else fetches it. */
    record InFlight(Pending download) implements Claim {}

    /** The caller fetches it, and must close the writer. */
    record Mine(PieceWriter writer) implements Claim {}

    /** A fetch by somebody else. */
    interface Pending {
        /** Waits until the fetch has ended, well or not, or the time is over; whether it has ended. */
        boolean await(Duration timeout) throws InterruptedException;
    }
}
