package dev.darter.app.demo;

import dev.darter.core.CodedException;
import dev.darter.core.Digest;
import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** One peer's download, from the request to the verified file. Run by one thread, watched by others. */
final class PeerDownload implements Runnable {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int BUFFER = 256 << 10;

    private final String peer;
    private final Path socket;
    private final String url;
    private final Path output;
    private final String sha256;
    private final RpcRuntime runtime;
    private volatile DaemonClient.Progress progress = new DaemonClient.Progress("", "", 0, false, -1, 0, 0, 0);
    private volatile long nanos;
    private volatile String failure = "";
    private volatile boolean verified;

    PeerDownload(String peer, Path socket, String url, Path output, String sha256, RpcRuntime runtime) {
        this.peer = peer;
        this.socket = socket;
        this.url = url;
        this.output = output;
        this.sha256 = sha256;
        this.runtime = runtime;
    }

    @Override
    public void run() {
        long started = System.nanoTime();
        var wanted = new DaemonClient.Download(url, UrlMeta.NONE, output, LONGEST, 0, false, false);
        try (var daemon = DaemonClient.unix(runtime, socket)) {
            progress = daemon.download(wanted, step -> progress = step);
            nanos = System.nanoTime() - started;
            String found = hash(output);
            if (found.equals(sha256)) {
                verified = true;
            } else {
                failure = "sha256: " + found + " (expected: " + sha256 + ")";
            }
        } catch (CodedException | StatusRuntimeException | IOException e) {
            nanos = System.nanoTime() - started;
            failure = String.valueOf(e.getMessage());
        }
    }

    String peer() {
        return peer;
    }

    DaemonClient.Progress progress() {
        return progress;
    }

    /** From the request to the last byte on disk; 0 while it runs. */
    long nanos() {
        return nanos;
    }

    /** Why it failed; empty when it did not. */
    String failure() {
        return failure;
    }

    /** Whether the file is whole and hashes to what the origin's content hashes to. */
    boolean verified() {
        return verified;
    }

    private static String hash(Path file) throws IOException {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        try (InputStream content = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
        }
        return Digest.hex(sha256.digest());
    }
}
