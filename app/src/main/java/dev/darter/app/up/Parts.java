package dev.darter.app.up;

import java.io.IOException;
import java.nio.file.Path;

/** Runs the parts of a cluster: in this process, or each in its own. */
interface Parts extends AutoCloseable, ClusterFile.Pids {
    /** Starts the manager; returns when it serves. */
    void startManager(Path config) throws IOException, InterruptedException;

    void startScheduler(Path config) throws IOException, InterruptedException;

    void startDaemon(String name, Path config) throws IOException, InterruptedException;

    /** @throws IOException if a part has ended by itself, with what it said */
    void check() throws IOException;

    /** Ends everything, last started first. */
    @Override
    void close();
}
