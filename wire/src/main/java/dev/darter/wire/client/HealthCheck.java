package dev.darter.wire.client;

import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The standard health question to a server. */
public final class HealthCheck {
    private static final int SECONDS = 2;

    private HealthCheck() {}

    /** Whether a server as a whole is ready. */
    public static boolean isServing(RpcRuntime runtime, String host, int port) {
        return isServing(runtime, host, port, "");
    }

    /** Whether one of its services is ready. */
    public static boolean isServing(RpcRuntime runtime, String host, int port, String service) {
        ManagedChannel channel = Channels.tcp(runtime, host, port);
        try {
            return isServing(channel, service);
        } finally {
            channel.shutdownNow();
        }
    }

    static boolean isServing(ManagedChannel channel, String service) {
        try {
            var answer = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.newBuilder().setService(service).build());
            return answer.getStatus() == ServingStatus.SERVING;
        } catch (StatusRuntimeException | RejectedExecutionException e) {
            return false; // the latter when our own threads have ended while somebody was still checking
        }
    }
}
