package dev.darter.wire.rpc;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands between the network and every handler, outermost first: request rate, caller, failures, request rules. */
final class ServerGuards {
    private static final Logger LOG = LoggerFactory.getLogger(ServerGuards.class);

    private ServerGuards() {}

    static List<ServerInterceptor> outermostFirst(RequestRate rate) {
        return List.of(limitRate(rate), noteCaller(), mapFailures(), checkRequests());
    }

    private static ServerInterceptor limitRate(RequestRate rate) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                if (rate.tryAcquire()) {
                    return next.startCall(call, headers);
                }
                call.close(
                        Status.RESOURCE_EXHAUSTED.withDescription("too many requests (expected: at most " + rate + ")"),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
    }

    private static ServerInterceptor noteCaller() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var caller = CallerContext.of(call.getAttributes());
                return Contexts.interceptCall(
                        Context.current().withValue(CallerContext.KEY, caller), call, headers, next);
            }
        };
    }

    /** A handler may throw, or hand its observer, any of our exceptions; the wire sees a status. */
    private static ServerInterceptor mapFailures() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var mapping = new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        Throwable cause = status.getCause();
                        if (cause == null
                                || cause instanceof StatusRuntimeException
                                || cause instanceof StatusException) {
                            super.close(status, trailers);
                            return;
                        }
                        StatusRuntimeException mapped = map(call, cause);
                        Metadata details = mapped.getTrailers();
                        super.close(mapped.getStatus(), details == null ? trailers : details);
                    }
                };
                return new FailureMappingListener<>(next.startCall(mapping, headers), mapping);
            }
        };
    }

    private static ServerInterceptor checkRequests() {
        var validator = new RequestValidator();
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                    @Override
                    public void onMessage(Q request) {
                        if (request instanceof Message message) {
                            validator.check(message);
                        }
                        super.onMessage(request);
                    }
                };
            }
        };
    }

    private static StatusRuntimeException map(ServerCall<?, ?> call, Throwable failure) {
        var mapped = RpcErrors.toStatus(failure);
        if (!(failure instanceof StatusRuntimeException) && mapped.getStatus().getCode() == Status.Code.INTERNAL) {
            LOG.atError()
                    .addKeyValue("method", call.getMethodDescriptor().getFullMethodName())
                    .setCause(failure)
                    .log("a call failed in a way nobody foresaw");
        }
        return mapped;
    }

    /** Ends the call when a callback throws, once, and lets nothing through afterwards. */
    private static final class FailureMappingListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<?, ?> call;
        private boolean failed;

        FailureMappingListener(ServerCall.Listener<Q> delegate, ServerCall<?, ?> call) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        private void guard(Runnable callback) {
            if (failed) {
                return;
            }
            try {
                callback.run();
            } catch (RuntimeException e) {
                failed = true;
                super.onCancel(); // the handler's stream ends here, whatever the client still sends
                var mapped = map(call, e);
                Metadata trailers = mapped.getTrailers();
                call.close(mapped.getStatus(), trailers == null ? new Metadata() : trailers);
            }
        }
    }
}
