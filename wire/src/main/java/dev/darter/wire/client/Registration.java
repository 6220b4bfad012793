package dev.darter.wire.client;

import dev.darter.core.Piece;
import java.nio.ByteBuffer;

/** How a scheduler says a newly registered peer is to go on. */
public sealed interface Registration {
    /** Parents come over the report stream. */
    record Normal() implements Registration {}

    /** The content is one piece, and this parent has it. */
    record Small(String parentId, String parentAddress, Piece piece) implements Registration {}

    /** The content itself; at most 128 bytes, read-only. */
    record Tiny(ByteBuffer content) implements Registration {}

    /** There is nothing to fetch. */
    record Empty() implements Registration {}
}
