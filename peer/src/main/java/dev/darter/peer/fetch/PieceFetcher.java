package dev.darter.peer.fetch;

import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.PieceWriter;
import dev.darter.peer.transfer.PieceClient;
import dev.darter.peer.transfer.RateLimiter;
import java.io.IOException;

/** Brings pieces from parents into storage. Any thread may call it. */
public final class PieceFetcher {
    private final PieceClient client;
    private final RateLimiter hostRate;

    /** @param hostRate of all that this host takes, from parents and origins */
    public PieceFetcher(PieceClient client, RateLimiter hostRate) {
        this.client = client;
        this.hostRate = hostRate;
    }

    /**
     * Fetches a claimed piece and commits it when its digest agrees. The caller closes the writer.
     *
     * @param address {@code ip:port} as the parent said
     * @param holder peer id that the parent said
     * @param taskRate of this task alone
     * @return the piece as it was verified
     * @throws dev.darter.core.CodedException by what went wrong; the piece may be tried at another parent
     * @throws IOException if storage fails
     */
    public Piece fetch(
            String address, TaskId task, String holder, Piece announced, PieceWriter writer, RateLimiter taskRate)
            throws IOException, InterruptedException {
        client.fetch(address, task, holder, announced, bytes -> {
            taskRate.acquire(bytes.remaining());
            hostRate.acquire(bytes.remaining());
            writer.write(bytes);
        });
        return writer.commit(announced.md5());
    }
}
