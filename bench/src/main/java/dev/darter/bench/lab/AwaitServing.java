package dev.darter.bench.lab;

import dev.darter.app.serve.Logs;
import dev.darter.wire.client.HealthCheck;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program that the lab runs on one of its hosts, since only from there the others can be reached: waits until every server that its
 * arguments name, as {@code host:port} or {@code host:port/service}, says that it serves.
 */
final class AwaitServing {
    private static final long SECONDS = 120;
    private static final long BETWEEN_MILLIS = 100;

    private AwaitServing() {}

    public static void main(String[] arguments) throws InterruptedException {
        Logs.off();
        var missing = new ArrayList<>(Arrays.asList(arguments));
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000;
        try (var runtime = new RpcRuntime()) {
            while (!missing.isEmpty() && System.nanoTime() < deadline) {
                missing.removeIf(server -> isServing(runtime, server));
                Thread.sleep(BETWEEN_MILLIS);
            }
        }
        if (!missing.isEmpty()) {
            System.err.println("not ready after " + SECONDS + " s: " + String.join(", ", missing));
            System.exit(1);
        }
    }

    private static boolean isServing(RpcRuntime runtime, String server) {
        String[] parts = server.split("/", 2);
        int colon = parts[0].lastIndexOf(':');
        return HealthCheck.isServing(
                runtime,
                parts[0].substring(0, colon),
                Integer.parseInt(parts[0].substring(colon + 1)),
                parts.length > 1 ? parts[1] : "");
    }

    /** Runs it in a namespace and returns when it is content. */
    static void run(String namespace, List<String> servers) {
        var command = new ArrayList<>(List.of(
                "ip",
                "netns",
                "exec",
                namespace,
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AwaitServing.class.getName()));
        command.addAll(servers);
        try {
            var _ = Shell.run(command.toArray(String[]::new));
        } catch (LabException e) {
            String said = String.valueOf(e.getMessage());
            throw new LabException("cluster: " + said.substring(said.lastIndexOf('\n') + 1));
        }
    }
}
