package dev.darter.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CallCountersIT {
    private final RpcRuntime runtime = new RpcRuntime();
    private GrpcServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of())), true);
        channel = Channels.tcp(runtime, "127.0.0.1", server.port());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
        runtime.close();
    }

    @Test
    void countsCallsAndMessagesOnBothSides() {
        var _ = HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());

        String method = "grpc_method=\"Check\",grpc_service=\"grpc.health.v1.Health\",grpc_type=\"unary\"} 1\n";
        await().untilAsserted(() -> {
            for (String side : List.of("server", "client")) {
                assertThat(runtime.metrics().expose())
                        .contains(
                                "grpc_" + side + "_started_total{" + method,
                                "grpc_" + side + "_msg_received_total{" + method,
                                "grpc_" + side + "_msg_sent_total{" + method,
                                "grpc_" + side + "_handled_total{grpc_code=\"OK\"," + method);
            }
        });
    }

    @Test
    void countsWhatFailsByItsCode() {
        var unknown = HealthCheckRequest.newBuilder().setService("nobody").build();

        assertThatThrownBy(() -> HealthGrpc.newBlockingStub(channel).check(unknown))
                .isInstanceOf(StatusRuntimeException.class);

        await().untilAsserted(() -> assertThat(runtime.metrics().expose())
                .contains("grpc_server_handled_total{grpc_code=\"NotFound\",grpc_method=\"Check\""));
    }

    @Test
    void showsMethodsThatNobodyHasCalledYet() {
        assertThat(runtime.metrics().expose())
                .contains("grpc_server_started_total{grpc_method=\"Watch\",grpc_service=\"grpc.health.v1.Health\","
                        + "grpc_type=\"server_stream\"} 0");
    }

    @ParameterizedTest
    @CsvSource({"OK, OK", "CANCELLED, Canceled", "NOT_FOUND, NotFound", "INVALID_ARGUMENT, InvalidArgument"})
    void spellsCodesAsGoDoes(Status.Code code, String spelled) {
        assertThat(CallCounters.spelled(code)).isEqualTo(spelled);
    }
}
