package dev.darter.peer;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.LeaveHostRequest;
import dev.darter.proto.scheduler.v1.PeerResult;
import dev.darter.proto.scheduler.v1.PeerTarget;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those calls of a v1 scheduler that are answered with nothing; remembers every message, also of the calls that others add. */
abstract class QuietScheduler extends SchedulerGrpc.SchedulerImplBase {
    private final List<Message> heard = new CopyOnWriteArrayList<>();

    /** All messages, in the order in which they came. */
    final List<Message> heard() {
        return heard;
    }

    final <T> List<T> heard(Class<T> kind) {
        return heard.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    final void hear(Message message) {
        heard.add(message);
    }

    final void hear(Message message, StreamObserver<Empty> out) {
        hear(message);
        out.onNext(Empty.getDefaultInstance());
        out.onCompleted();
    }

    @Override
    public void reportPeerResult(PeerResult request, StreamObserver<Empty> out) {
        hear(request, out);
    }

    @Override
    public void leaveTask(PeerTarget request, StreamObserver<Empty> out) {
        hear(request, out);
    }

    @Override
    public void announceHost(AnnounceHostRequest request, StreamObserver<Empty> out) {
        hear(request, out);
    }

    @Override
    public void leaveHost(LeaveHostRequest request, StreamObserver<Empty> out) {
        hear(request, out);
    }
}
