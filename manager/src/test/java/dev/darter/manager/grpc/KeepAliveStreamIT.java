package dev.darter.manager.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import dev.darter.manager.database.Database;
import dev.darter.manager.database.DatabaseConfig;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a stream ends, by its client or with its manager. */
class KeepAliveStreamIT {
    private static final KeepAliveStream.Who WHO =
            new KeepAliveStream.Who(true, Instances.Kind.SCHEDULER, "sched-1", 1);

    @TempDir
    private Path directory;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private Database database;
    private Instances instances;

    @BeforeEach
    void open() throws Exception {
        database = Database.open(new DatabaseConfig.Embedded(directory.resolve("manager")));
        new Clusters(database).seed();
        instances = new Instances(database, InstantSource.system());
        instances.create(
                WHO.kind(),
                Map.of(
                        "host_name",
                        WHO.hostname(),
                        "scheduler_cluster_id",
                        WHO.clusterId(),
                        "ip",
                        "127.0.0.1",
                        "port",
                        8002,
                        "features",
                        "[]"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void whoHangsUpIsInactiveAtOnce() {
        var stream = stream(_ -> WHO);
        stream.onNext("alive");
        assertThat(isActive()).isTrue();
        stream.onError(Status.CANCELLED.asRuntimeException());
        assertThat(isActive()).isFalse();
    }

    @Test
    void whomAStoppingManagerCutsOffKeepsHisLease() {
        var stream = stream(_ -> WHO);
        stream.onNext("alive");
        stopping.set(true);
        stream.onError(Status.CANCELLED.asRuntimeException());
        assertThat(isActive()).isTrue();
    }

    @Test
    void aStreamThatEndsAfterTheDatabaseIsNoError() {
        var stream = stream(_ -> WHO);
        stream.onNext("alive");
        stopping.set(true);
        database.close();
        assertThatCode(() -> stream.onError(Status.CANCELLED.asRuntimeException()))
                .doesNotThrowAnyException();
    }

    @Test
    void anAnswerThatCannotBeSentAnyMoreIsNoError() {
        var stream = new KeepAliveStream<String>(instances, _ -> WHO, new Gone(), stopping::get);
        stream.onNext("alive");
        assertThatThrownBy(stream::onCompleted).isInstanceOf(RejectedExecutionException.class);
        stopping.set(true);
        assertThatCode(stream::onCompleted).doesNotThrowAnyException();
    }

    @Test
    void aMessageThatComesAfterTheDatabaseIsToldThatTheManagerStops() {
        var stream = stream(_ -> {
            stopping.set(true); // while the message is on its way
            return WHO;
        });
        database.close();
        assertThatThrownBy(() -> stream.onNext("alive"))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    private boolean isActive() {
        return instances
                .scheduler(WHO.hostname(), WHO.clusterId())
                .orElseThrow()
                .isActive();
    }

    private KeepAliveStream<String> stream(Function<String, KeepAliveStream.Who> decode) {
        return new KeepAliveStream<>(instances, decode, new Unheard(), stopping::get);
    }

    private static class Unheard implements StreamObserver<Empty> {
        @Override
        public void onNext(Empty answer) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    /** As when the event loops have ended. */
    private static final class Gone extends Unheard {
        @Override
        public void onCompleted() {
            throw new RejectedExecutionException("event executor terminated");
        }
    }
}
