package dev.darter.scheduler.dynconfig;

import dev.darter.wire.client.Application;
import dev.darter.wire.client.ClusterView;
import dev.darter.wire.client.ManagerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps what the manager says of the cluster up to date in the background; nobody who asks for it ever waits for the manager. A copy on
 * disk serves a start while the manager is away.
 */
public final class Dynconfig implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dynconfig.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final ManagerClient manager;
    private final ManagerClient.Scheduler self;
    private final Duration refreshInterval;
    private final Path copy;
    private final Consumer<ClusterConfig> listener;
    private final BooleanSupplier isSettled;
    private final Thread refresher;
    private volatile ClusterConfig current = ClusterConfig.UNKNOWN;
    private Optional<ClusterView.Borders> lastBorders = Optional.empty();

    /**
     * Not started yet.
     *
     * @param copy file that the last answer is kept in
     * @param listener told of every answer, changed or not, and of the copy
     * @param isSettled whether all that the answer names is in use; while it is not, the manager is asked again soon
     */
    public Dynconfig(
            ManagerClient manager,
            ManagerClient.Scheduler self,
            Duration refreshInterval,
            Path copy,
            Consumer<ClusterConfig> listener,
            BooleanSupplier isSettled) {
        this.manager = manager;
        this.self = self;
        this.refreshInterval = refreshInterval;
        this.copy = copy;
        this.listener = listener;
        this.isSettled = isSettled;
        this.refresher = Thread.ofVirtual().name("dynconfig").unstarted(this::refreshForEver);
    }

    public ClusterConfig current() {
        return current;
    }

    /** Takes the copy, then begins to ask the manager. */
    public void start() {
        readCopy();
        refresher.start();
    }

    @Override
    public void close() {
        refresher.interrupt();
    }

    private void refreshForEver() {
        Duration pause = FIRST_PAUSE;
        boolean registered = false;
        try {
            while (true) {
                try {
                    if (!registered) {
                        manager.updateScheduler(self);
                        registered = true;
                    }
                    take(withBorders(manager.getScheduler(self)), applications());
                } catch (RuntimeException e) {
                    registered = false; // whatever is wrong, the entry may be gone: it is made again
                    LOG.atWarn()
                            .addKeyValue("reason", e.getMessage())
                            .log("the manager does not answer; the last answer stays in force");
                }
                boolean settled = registered && isSettled.getAsBoolean();
                pause = settled ? refreshInterval : shorter(pause.multipliedBy(2), refreshInterval);
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            // the scheduler closes
        }
    }

    private ClusterView withBorders(ClusterView view) {
        if (view.borders().isPresent() || !GuessedBorders.hasScopes(view)) {
            return view;
        }
        try {
            List<Long> strangers = manager.clustersForStrangers(self.host());
            return view.withBorders(GuessedBorders.of(self.clusterId(), view, strangers));
        } catch (RuntimeException e) { // the rest of the answer is as good as ever
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("the manager does not say whose hosts match nowhere; the borders stay as they were");
            return lastBorders.map(view::withBorders).orElse(view);
        }
    }

    private List<Application> applications() {
        try {
            return manager.listApplications(self.host());
        } catch (RuntimeException e) { // the rest of the answer is as good as ever
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("the manager does not tell of applications; they stay as they were");
            return current.applications();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void take(ClusterView view, List<Application> applications) {
        adopt(view, applications);
        try {
            Files.createDirectories(copy.toAbsolutePath().getParent());
            Path fresh = copy.resolveSibling(copy.getFileName() + ".new");
            Files.write(fresh, JSON.writeValueAsBytes(new Copy(view, applications)));
            Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | JacksonException e) {
            LOG.atWarn()
                    .addKeyValue("file", copy)
                    .addKeyValue("reason", e.getMessage())
                    .log("the cluster's configuration cannot be kept");
        }
    }

    private void readCopy() {
        if (!Files.isRegularFile(copy)) {
            return;
        }
        try {
            Copy kept = readWhole();
            adopt(kept.view(), kept.applications());
            LOG.atInfo()
                    .addKeyValue("file", copy)
                    .addKeyValue("seeds", kept.view().seeds().size())
                    .log("took the cluster's configuration from disk");
        } catch (IOException | RuntimeException e) { // whatever somebody wrote into it, the manager has a better one
            LOG.atWarn()
                    .addKeyValue("file", copy)
                    .addKeyValue("reason", e.getMessage())
                    .log("the kept configuration cannot be read");
        }
    }

    private Copy readWhole() throws IOException {
        Copy kept = JSON.readValue(Files.readAllBytes(copy), Copy.class);
        if (kept == null || kept.view == null || kept.applications == null) {
            throw new IOException(
                    "it lacks the cluster or its applications (expected: both, as the manager told them)");
        }
        return kept;
    }

    private void adopt(ClusterView view, List<Application> applications) {
        lastBorders = view.borders();
        current = new ClusterConfig(
                number(view.config(), "candidate_parent_limit"),
                number(view.clientConfig(), "load_limit"),
                view.seeds(),
                applications,
                view.borders().map(told -> Borders.of(self.clusterId(), told)).orElse(Borders.NONE));
        listener.accept(current);
    }

    /** A whole number in a JSON object; 0 when it is not there or the text is no object. */
    public static int number(String json, String key) {
        if (json.isEmpty()) {
            return 0;
        }
        try {
            JsonNode node = JSON.readTree(json).path(key);
            return node.isInt() ? node.intValue() : 0;
        } catch (JacksonException e) {
            return 0;
        }
    }

    /** What lies on disk. */
    record Copy(ClusterView view, List<Application> applications) {}
}
