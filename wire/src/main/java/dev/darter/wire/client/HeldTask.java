package dev.darter.wire.client;

import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import java.util.List;

/**
 * A whole task that a host holds and offers.
 *
 * @param url may be empty when it is no longer known
 * @param pieces all of them, ascending
 * @param signed whether signed digests of all blocks are held, too
 */
public record HeldTask(
        TaskId task,
        PeerId peer,
        String url,
        UrlMeta meta,
        PeerHost host,
        long contentLength,
        List<Piece> pieces,
        String pieceMd5Sign,
        TaskType type,
        boolean signed) {
    public HeldTask {
        pieces = List.copyOf(pieces);
    }
}
