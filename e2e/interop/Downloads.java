import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks a daemon for many files without a process for each: {@code SOCKET URL-PREFIX COUNT OUTPUT-DIRECTORY}. Files are called PREFIX1 to
 * PREFIXn. Run from its source with the distribution's jars. Ends with 1 if any download failed, and says how many.
 */
public final class Downloads {
    private static final int AT_ONCE = 4;

    public static void main(String[] arguments) throws Exception {
        var socket = Path.of(arguments[0]);
        String prefix = arguments[1];
        int count = Integer.parseInt(arguments[2]);
        var directory = Path.of(arguments[3]);
        var failed = new AtomicInteger();
        var turns = new Semaphore(AT_ONCE);
        try (var runtime = new RpcRuntime();
                var daemon = DaemonClient.unix(runtime, socket);
                var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i <= count; i++) {
                turns.acquire();
                var wanted = new DaemonClient.Download(
                        prefix + i, UrlMeta.NONE, directory.resolve("many" + i), Duration.ofMinutes(1), 0, false, false);
                tasks.execute(() -> {
                    try {
                        daemon.download(wanted, _ -> {});
                    } catch (RuntimeException e) {
                        if (failed.incrementAndGet() == 1) {
                            System.err.println(wanted.url() + ": " + e.getMessage());
                        }
                    } finally {
                        turns.release();
                    }
                });
            }
        }
        System.out.println(failed.get() + " of " + count + " failed");
        System.exit(failed.get() == 0 ? 0 : 1);
    }
}
