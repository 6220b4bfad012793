package dev.darter.app.config;

import java.nio.file.Path;
import java.util.List;

/** What the file of any service says of its process. */
public sealed interface ProcessSettings permits ManagerSettings.Loaded, SchedulerSettings.Loaded, PeerSettings.Loaded {
    Path workHome();

    Path logDir();

    /** Whether the log goes to standard output. */
    boolean console();

    boolean verbose();

    /** For the log, once it is open. */
    List<String> warnings();
}
