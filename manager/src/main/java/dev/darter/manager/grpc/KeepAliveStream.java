package dev.darter.manager.grpc;

import com.google.protobuf.Empty;
import dev.darter.manager.cluster.Instances;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One client's keepalive stream, whichever version of the message it speaks. The first message says whose it is; every message renews the
 * lease.
 *
 * <p>When the manager stops, streams end late: its database may be gone by then. Their leases are left to run out, as those of a manager
 * that dies, so whoever goes to another manager meanwhile stays active.
 */
final class KeepAliveStream<Q> implements StreamObserver<Q> {
    /** Whose stream it is. */
    record Who(boolean active, Instances.Kind kind, String hostname, long clusterId) {}

    private final Instances instances;
    private final Function<Q, Who> decode;
    private final StreamObserver<Empty> answer;
    private final BooleanSupplier stopping;
    private final String holder = UUID.randomUUID().toString();
    private Who who = new Who(false, Instances.Kind.SCHEDULER, "", 0);

    /** @param stopping whether the manager stops */
    KeepAliveStream(
            Instances instances, Function<Q, Who> decode, StreamObserver<Empty> answer, BooleanSupplier stopping) {
        this.instances = instances;
        this.decode = decode;
        this.answer = answer;
        this.stopping = stopping;
    }

    @Override
    public void onNext(Q message) {
        if (who.hostname().isEmpty()) {
            who = decode.apply(message);
        }
        // Plain peers may keep a stream open; nothing is kept of them.
        if (who.active() && !renew()) {
            throw Answers.notFound();
        }
    }

    private boolean renew() {
        try {
            return instances.keepAlive(who.kind(), who.hostname(), who.clusterId(), holder);
        } catch (RuntimeException e) {
            if (stopping.getAsBoolean()) {
                throw Status.UNAVAILABLE.withDescription("the manager stops").asRuntimeException();
            }
            throw e;
        }
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onCompleted() {
        end();
        tryTo(() -> {
            answer.onNext(Empty.getDefaultInstance());
            answer.onCompleted();
        });
    }

    private void end() {
        if (who.active() && !stopping.getAsBoolean()) {
            tryTo(() -> instances.endKeepAlive(who.kind(), holder));
        }
    }

    /** What fails because the manager stops is no failure: the database may be gone, and the threads that send. */
    private void tryTo(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            if (!stopping.getAsBoolean()) {
                throw e;
            }
        }
    }
}
