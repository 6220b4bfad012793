package dev.darter.wire.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** Our side of a stream that a host answers for as long as we like: any thread may ask, and nobody needs to know whether the call is over. */
final class Requests<Q> implements AutoCloseable {
    private final Object sending = new Object();

    @GuardedBy("sending")
    private final StreamObserver<Q> requests;

    @GuardedBy("sending")
    private boolean closed;

    Requests(StreamObserver<Q> requests) {
        this.requests = requests;
    }

    /** Does nothing once the call is over. */
    void send(Q request) {
        synchronized (sending) {
            if (closed) {
                return;
            }
            try {
                requests.onNext(request);
            } catch (IllegalStateException e) {
                closed = true; // the call ended under us; whoever hears its answers hears of it
            }
        }
    }

    /** Cuts the call off. */
    @Override
    public void close() {
        synchronized (sending) {
            if (closed) {
                return;
            }
            closed = true;
            try {
                requests.onError(
                        Status.CANCELLED.withDescription("no longer needed").asRuntimeException());
            } catch (IllegalStateException e) {
                // it was over already
            }
        }
    }
}
