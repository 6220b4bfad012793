package dev.darter.wire.rpc;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.AsciiString;
import java.io.IOException;

/** Plain text, with the caller's SO_PEERCRED noted in the transport's attributes when the connection is a unix socket. */
final class PeerCredentialsNegotiator implements ProtocolNegotiator {
    private final ProtocolNegotiator plaintext = InternalProtocolNegotiators.serverPlaintext();

    @Override
    public AsciiString scheme() {
        return plaintext.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpcHandler) {
        ChannelHandler next = plaintext.newHandler(grpcHandler);
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
                if (!(event instanceof ProtocolNegotiationEvent negotiation)) {
                    super.userEventTriggered(context, event);
                    return;
                }
                ProtocolNegotiationEvent noted = note(context, negotiation);
                context.pipeline().replace(this, null, next);
                context.pipeline().fireUserEventTriggered(noted);
            }
        };
    }

    private static ProtocolNegotiationEvent note(ChannelHandlerContext context, ProtocolNegotiationEvent event)
            throws IOException {
        if (!(context.channel() instanceof EpollDomainSocketChannel channel)) {
            return event;
        }
        var credentials = channel.peerCredentials();
        int[] gids = credentials.gids();
        var caller =
                new CallerContext.UnixCaller(credentials.uid(), gids.length == 0 ? -1 : gids[0], credentials.pid());
        var attributes = InternalProtocolNegotiationEvent.getAttributes(event).toBuilder()
                .set(CallerContext.UNIX_CALLER, caller)
                .build();
        return InternalProtocolNegotiationEvent.withAttributes(event, attributes);
    }

    @Override
    public void close() {
        plaintext.close();
    }
}
