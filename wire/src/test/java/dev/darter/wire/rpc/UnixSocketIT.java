package dev.darter.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class UnixSocketIT {
    @TempDir
    private Path directory;

    @Test
    void aCallOverAUnixSocketLeavesNoWarningInTheLog() throws Exception {
        var netty = (Logger) LoggerFactory.getLogger("io.netty");
        var logged = new ListAppender<ILoggingEvent>();
        logged.start();
        netty.addAppender(logged);
        Path socket = directory.resolve("d.sock");
        try (var runtime = new RpcRuntime();
                var _ = GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Unix(socket, List.of())), true)) {
            var channel = Channels.unix(runtime, socket);
            try {
                var answer = HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
                assertThat(answer.getStatus()).isEqualTo(ServingStatus.SERVING);
            } finally {
                channel.shutdownNow();
            }
        } finally {
            netty.detachAppender(logged);
        }
        assertThat(logged.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
    }
}
