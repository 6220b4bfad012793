package dev.darter.wire.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * Who makes the call that runs now.
 *
 * @param unix present when the call came over a unix socket: what the kernel says of the caller
 * @param address where the call came from; empty when the transport does not say
 */
public record CallerContext(Optional<UnixCaller> unix, Optional<SocketAddress> address) {
    /**
     * SO_PEERCRED of the calling process.
     *
     * @param pid 0 when the caller lives in another pid namespace
     */
    public record UnixCaller(int uid, int gid, int pid) {}

    static final Attributes.Key<UnixCaller> UNIX_CALLER = Attributes.Key.create("darter-unix-caller");
    static final Context.Key<CallerContext> KEY =
            Context.keyWithDefault("darter-caller", new CallerContext(Optional.empty(), Optional.empty()));

    /** The caller of the gRPC method that this thread serves. */
    public static CallerContext current() {
        return KEY.get();
    }

    static CallerContext of(Attributes transport) {
        return new CallerContext(
                Optional.ofNullable(transport.get(UNIX_CALLER)),
                Optional.ofNullable(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
    }
}
