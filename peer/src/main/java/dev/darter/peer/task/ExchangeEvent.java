package dev.darter.peer.task;

import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.Piece;
import dev.darter.peer.scheduler.Instruction;
import dev.darter.wire.client.PieceStream;
import java.io.IOException;

/** What happens to a download from parents; its thread takes one after the other. */
sealed interface ExchangeEvent {
    record Told(Instruction instruction) implements ExchangeEvent {}

    /** Another Darter peer wants the task too, and can be followed. */
    record Met(String peer, NetAddress address) implements ExchangeEvent {}

    record InMesh(Mesh.Event event) implements ExchangeEvent {}

    record AtOrigin(OriginReading.Event event) implements ExchangeEvent {}

    record Heard(ParentLink link, PieceStream.News news) implements ExchangeEvent {}

    /** @param nanos how long it took */
    record Fetched(Fetch fetch, Piece piece, long nanos) implements ExchangeEvent {}

    /** The piece may be fetched again, from the same parent or another. */
    record Failed(Fetch fetch, ErrorCode code, String reason, long nanos) implements ExchangeEvent {}

    /** There is no place for the bytes; nothing will help. */
    record StorageFailed(IOException cause) implements ExchangeEvent {}
}
