package dev.darter.app.cli;

import dev.darter.app.serve.Logs;
import dev.darter.core.CodedException;
import dev.darter.core.UrlMeta;
import dev.darter.wire.client.DaemonClient;
import dev.darter.wire.rpc.RpcErrors;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code darter get URL}: one download through this node's daemon. */
@Command(name = "get", description = "Download a file through this node's daemon.", mixinStandardHelpOptions = true)
public final class Get implements Callable<Integer> {
    @Parameters(paramLabel = "URL", description = "What to download.")
    private String url = "";

    @Option(
            names = {"-O", "--output"},
            description = "Where to put it (default: the last part of the URL).")
    private @Nullable Path output;

    @Option(
            names = "--digest",
            defaultValue = "",
            description = "What the content must hash to: sha256:…, sha512:…, sha1:…, md5:…")
    private String digest = "";

    @Option(names = "--range", defaultValue = "", description = "Bytes to get: 0-99 or 100-.")
    private String range = "";

    @Option(
            names = {"-H", "--header"},
            description = "Header for the origin, Name: value; may be repeated.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--tag", defaultValue = "", description = "Keeps copies of the same URL apart.")
    private String tag = "";

    @Option(names = "--application", defaultValue = "", description = "Name of the application that asks.")
    private String application = "";

    @Option(
            names = "--filter",
            defaultValue = "",
            description = "Query parameters that do not belong to the identity, joined by &.")
    private String filter = "";

    @Option(names = "--priority", defaultValue = "0", description = "0 to 6.")
    private int priority;

    @Option(names = "--timeout", defaultValue = "", description = "Give up after, such as 30s or 5m (default: never).")
    private String timeout = "";

    @Option(
            names = "--ratelimit",
            defaultValue = "0",
            description = "Bytes a second, such as 20Mi (default: no limit).")
    private String rateLimit = "0";

    @Option(names = "--disable-back-source", description = "Never read the origin from this node.")
    private boolean disableBackSource;

    @Option(names = "--original-offset", description = "Put a range where it lies in the whole file.")
    private boolean originalOffset;

    @Option(names = "--daemon-sock", description = "Socket of the daemon to ask.")
    private @Nullable Path socket;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        Logs.off();
        Report report = json ? new JsonReport(System.out) : PlainReport.on(System.out, System.err);
        try {
            var wanted = new Wanted(
                    url,
                    new UrlMeta(
                            digest,
                            tag,
                            range,
                            filter,
                            Wanted.headers(headers),
                            application,
                            Wanted.priority(priority)),
                    output == null ? Wanted.outputFor(url) : output,
                    Wanted.timeout(timeout),
                    Wanted.rate(rateLimit),
                    disableBackSource,
                    originalOffset);
            Path daemon = FindDaemon.socket(Optional.ofNullable(socket));
            try (var runtime = new RpcRuntime();
                    var client = DaemonClient.unix(runtime, daemon)) {
                report.begin(wanted);
                report.done(wanted, client.download(download(wanted), report::progress));
            }
            return 0;
        } catch (ToolException e) {
            report.error(1400, String.valueOf(e.getMessage()));
        } catch (CodedException e) {
            report.error(e.code().number(), String.valueOf(e.getMessage()));
        } catch (StatusRuntimeException e) {
            report.error(e.getStatus().getCode().value(), describe(e));
        }
        return 1;
    }

    static DaemonClient.Download download(Wanted wanted) {
        return new DaemonClient.Download(
                wanted.url(),
                wanted.meta(),
                wanted.output(),
                wanted.timeout(),
                wanted.bytesPerSecond(),
                wanted.disableBackSource(),
                wanted.originalOffset());
    }

    private String describe(StatusRuntimeException e) {
        if (RpcErrors.isUnavailable(e)) {
            return "daemon: none answers at " + FindDaemon.socket(Optional.ofNullable(socket))
                    + " (expected: a running one; darter up starts a cluster)";
        }
        if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "--timeout: " + timeout + " is over";
        }
        String description = e.getStatus().getDescription();
        return description == null ? e.getStatus().getCode().name() : description;
    }
}
