package dev.darter.app.cli;

import dev.darter.wire.client.DaemonClient.Progress;

/** How a tool tells of its download. */
interface Report {
    void begin(Wanted wanted);

    void progress(Progress progress);

    void done(Wanted wanted, Progress last);

    /** @param code of the field's numbers, or of gRPC when there is none */
    void error(int code, String message);
}
