package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;

/** How a tool tells of its download. */
interface Report {
    void begin(Wanted wanted);

    void progress(DownloadProgress progress);

    /** Something that did not go as meant, while the download goes on. */
    void note(String message);

    void done(Wanted wanted, DownloadProgress last);

    /** @param code of the field's numbers, or of gRPC when there is none */
    void error(int code, String message);
}
