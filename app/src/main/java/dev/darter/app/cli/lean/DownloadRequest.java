package dev.darter.app.cli.lean;

import dev.darter.core.UrlMeta;
import dev.darter.wire.map.Features;
import java.nio.file.Path;

/**
 * What a daemon is asked for.
 *
 * @param output absolute; means nothing when streamed
 * @param timeoutMillis for the whole download; 0 for none
 * @param bytesPerSecond 0 for the daemon's own limit
 * @param disableBackSource whether the daemon must not read the origin for this request
 * @param keepOriginalOffset whether a range lies in the output where it lies in the content
 * @param streamed whether the bytes come in the answer
 * @param uid who gets the output from a v2.1.28 daemon; others ask the kernel
 */
public record DownloadRequest(
        String url,
        UrlMeta meta,
        Path output,
        long timeoutMillis,
        double bytesPerSecond,
        boolean disableBackSource,
        boolean keepOriginalOffset,
        boolean streamed,
        int uid,
        int gid) {
    private static final int NANOS_PER_MILLI = 1_000_000;

    /** As {@code dfdaemon.DownRequest}; the number of each field is the wire's. */
    byte[] encode() {
        return new ProtoWriter()
                .string(2, url)
                .string(3, streamed ? "" : output.toString())
                .varint(4, timeoutMillis * NANOS_PER_MILLI)
                .fixed64(5, bytesPerSecond)
                .bool(6, disableBackSource)
                .message(7, urlMeta())
                .varint(10, uid)
                .varint(11, gid)
                .bool(12, keepOriginalOffset)
                .string(1000, Features.MARK)
                .bool(1002, streamed)
                .toByteArray();
    }

    private ProtoWriter urlMeta() {
        var message = new ProtoWriter()
                .string(1, meta.digest())
                .string(2, meta.tag())
                .string(3, meta.range())
                .string(4, meta.filter());
        for (var field : meta.header().entrySet()) {
            message.message(5, new ProtoWriter().string(1, field.getKey()).string(2, field.getValue()));
        }
        return message.string(6, meta.application()).varint(7, meta.priority().ordinal());
    }
}
