package dev.darter.app.cli;

import dev.darter.app.cli.lean.CallFailed;
import dev.darter.app.cli.lean.DaemonConnection;
import dev.darter.app.cli.lean.DownloadProgress;
import dev.darter.app.cli.lean.DownloadRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One download through a daemon. */
final class AskDaemon {
    private AskDaemon() {}

    /** A connection to the first daemon that takes one. */
    static Optional<DaemonConnection> open(List<Path> sockets) {
        for (Path socket : sockets) {
            try {
                return Optional.of(DaemonConnection.open(socket));
            } catch (IOException e) {
                // nobody listens there; perhaps at the next one
            }
        }
        return Optional.empty();
    }

    /**
     * Downloads and tells of every step.
     *
     * @return the last one, when the file is in its place
     * @throws CallFailed what the daemon says, or what became of it
     */
    static DownloadProgress download(DaemonConnection daemon, Wanted wanted, Report report) throws CallFailed {
        daemon.download(request(wanted));
        DownloadProgress last = DownloadProgress.NOTHING;
        for (var step = daemon.next(); step.isPresent(); step = daemon.next()) {
            last = step.get();
            report.progress(last);
        }
        if (!last.done()) {
            throw new CallFailed(CallFailed.UNKNOWN, "the daemon ended before the download did");
        }
        if (!Files.exists(wanted.output())) {
            throw new CallFailed(
                    CallFailed.UNKNOWN,
                    "output: " + wanted.output() + " is not here although the daemon wrote it (expected: a daemon that"
                            + " sees the same file system)");
        }
        return last;
    }

    /** A failed call for people; the daemon's own reason where it gave one. */
    static String describe(CallFailed failure, Wanted wanted) {
        if (failure.status() == CallFailed.DEADLINE_EXCEEDED && wanted.timeout().isPositive()) {
            return "--timeout: " + Bar.seconds(wanted.timeout().toNanos()) + " s are over (expected: more time)";
        }
        String reason = failure.reason().isEmpty() ? failure.toLine() : failure.reason();
        return failure.status() == CallFailed.UNAVAILABLE ? "daemon: " + reason : reason.replace('\n', ' ');
    }

    /** The number that programs get. */
    static int code(CallFailed failure) {
        return failure.code() == 0 ? failure.status() : failure.code();
    }

    private static DownloadRequest request(Wanted wanted) {
        return new DownloadRequest(
                wanted.url(),
                wanted.meta(),
                wanted.output(),
                wanted.timeout().toMillis(),
                wanted.bytesPerSecond(),
                wanted.disableBackSource(),
                wanted.originalOffset(),
                own("unix:uid"),
                own("unix:gid"));
    }

    private static int own(String attribute) {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), attribute);
        } catch (IOException | RuntimeException e) {
            return 0; // the daemon asks the kernel
        }
    }
}
