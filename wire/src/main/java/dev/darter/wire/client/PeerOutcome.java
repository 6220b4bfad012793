package dev.darter.wire.client;

import dev.darter.core.ErrorCode;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import java.time.Duration;
import java.util.Optional;

/**
 * How a peer's download ended.
 *
 * @param contentLength -1 when unknown
 * @param sourceBytes what this peer itself fetched from the origin
 * @param totalPieces -1 when unknown
 * @param origin what the origin answered, when it was to blame
 */
public record PeerOutcome(
        TaskId task,
        PeerId peer,
        String ip,
        String idc,
        String url,
        long contentLength,
        long sourceBytes,
        Duration cost,
        ErrorCode code,
        int totalPieces,
        Optional<OriginFailure> origin) {}
