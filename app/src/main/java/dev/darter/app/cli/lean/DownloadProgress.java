package dev.darter.app.cli.lean;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How far a download is.
 *
 * @param task id; empty before the daemon said anything
 * @param completed bytes that are here
 * @param done whether this is the last one
 * @param total bytes of the content; -1 while unknown, and always when the daemon is v2.1.28
 * @param local bytes that were on this host before
 * @param peer bytes that came from other peers
 * @param origin bytes that this host read from the origin
 * @param sha256 of the content, lower-case hex; empty while unknown
 * @param content the next bytes, when they were asked for instead of a file
 */
public record DownloadProgress(
        String task,
        long completed,
        boolean done,
        long total,
        long local,
        long peer,
        long origin,
        String sha256,
        ByteBuffer content) {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

    public static final DownloadProgress NOTHING = new DownloadProgress("", 0, false, -1, 0, 0, 0, "");

    /** Without any content. */
    public DownloadProgress(
            String task, long completed, boolean done, long total, long local, long peer, long origin, String sha256) {
        this(task, completed, done, total, local, peer, origin, sha256, NO_BYTES);
    }

    /** The same of content whose digest was computed here. */
    public DownloadProgress withSha256(String hex) {
        return new DownloadProgress(task, completed, done, total, local, peer, origin, hex);
    }

    /** Reads {@code dfdaemon.DownResult}; the number of each field is the wire's. */
    static DownloadProgress decode(byte[] message) throws IOException {
        String task = "";
        long completed = 0;
        boolean done = false;
        long total = -1;
        long local = 0;
        long peer = 0;
        long origin = 0;
        String sha256 = "";
        ByteBuffer content = NO_BYTES;
        var fields = new ProtoReader(message);
        for (int field = fields.next(); field != 0; field = fields.next()) {
            switch (field) {
                case 2 -> task = fields.string();
                case 4 -> completed = fields.number();
                case 5 -> done = fields.bool();
                case 1001 -> total = fields.number();
                case 1002 -> local = fields.number();
                case 1003 -> peer = fields.number();
                case 1004 -> origin = fields.number();
                case 1005 -> sha256 = fields.string();
                case 1006 -> content = ByteBuffer.wrap(fields.bytes());
                default -> {}
            }
        }
        return new DownloadProgress(task, completed, done, total, local, peer, origin, sha256, content);
    }
}
