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
import java.util.function.Consumer;

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
        DownloadProgress last = last(daemon, report, _ -> {});
        if (!Files.exists(wanted.output())) {
            throw new CallFailed(
                    CallFailed.UNKNOWN,
                    "output: " + wanted.output() + " is not here although the daemon wrote it (expected: a daemon that"
                            + " sees the same file system)");
        }
        return last;
    }

    /**
     * Downloads into a pipe and tells of every step. What comes is written at once; nothing but a return says that it was all.
     *
     * @return the last step
     * @throws CallFailed what the daemon says, or what became of it
     * @throws Pipe.ReaderGone if nobody reads what is written any more
     */
    static DownloadProgress download(DaemonConnection daemon, Wanted wanted, Pipe pipe, Report report)
            throws CallFailed {
        daemon.download(request(wanted));
        DownloadProgress last = last(daemon, report, step -> {
            if (step.content().hasRemaining()) {
                pipe.write(step.content());
            }
        });
        if (pipe.written() != last.completed()) {
            throw new CallFailed(
                    CallFailed.UNKNOWN,
                    "content: " + pipe.written() + " bytes came (expected: " + last.completed() + ")");
        }
        return last;
    }

    private static DownloadProgress last(DaemonConnection daemon, Report report, Consumer<DownloadProgress> content)
            throws CallFailed {
        DownloadProgress last = DownloadProgress.NOTHING;
        for (var step = daemon.next(); step.isPresent(); step = daemon.next()) {
            last = step.get();
            content.accept(last);
            report.progress(last);
        }
        if (!last.done()) {
            throw new CallFailed(CallFailed.UNKNOWN, "the daemon ended before the download did");
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
                wanted.piped(),
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
