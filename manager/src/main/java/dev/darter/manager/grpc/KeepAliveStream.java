package dev.darter.manager.grpc;

import com.google.protobuf.Empty;
import dev.darter.manager.cluster.Instances;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.function.Function;

/**
 * One client's keepalive stream, whichever version of the message it speaks. The first message says whose it is; every message renews
 * the lease.
 */
final class KeepAliveStream<Q> implements StreamObserver<Q> {
    /** Whose stream it is. */
    record Who(boolean active, Instances.Kind kind, String hostname, long clusterId) {}

    private final Instances instances;
    private final Function<Q, Who> decode;
    private final StreamObserver<Empty> answer;
    private final String holder = UUID.randomUUID().toString();
    private Who who = new Who(false, Instances.Kind.SCHEDULER, "", 0);

    KeepAliveStream(Instances instances, Function<Q, Who> decode, StreamObserver<Empty> answer) {
        this.instances = instances;
        this.decode = decode;
        this.answer = answer;
    }

    @Override
    public void onNext(Q message) {
        if (who.hostname().isEmpty()) {
            who = decode.apply(message);
        }
        // Plain peers may keep a stream open; nothing is kept of them.
        if (who.active() && !instances.keepAlive(who.kind(), who.hostname(), who.clusterId(), holder)) {
            throw Answers.notFound();
        }
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onCompleted() {
        end();
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    private void end() {
        if (who.active()) {
            instances.endKeepAlive(who.kind(), holder);
        }
    }
}
