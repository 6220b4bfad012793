package dev.darter.scheduler.announce;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.OriginFailure;
import dev.darter.scheduler.seedpeer.SeedPeers;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Task;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who reads a file at its origin instead of a seed peer: the first peer that wants it, while the seed peers fetch many others. Everything that
 * a seed peer fetches goes over its link twice. Many files that hardly anybody shares would all wait for that link, while those of the
 * peers idle; and a file that many share has as good a giver of first copies in its first peer.
 *
 * <p>Where peers cannot reach origins, and only seed peers can, this must not do harm: a peer that fails returns, a seed peer takes over, and
 * this origin is left to seed peers for a while; a peer that may not read origins is not asked again for as long. Any thread may call it.
 */
final class DirectReads {
    private static final Logger LOG = LoggerFactory.getLogger(DirectReads.class);
    private static final Duration CLOSED = Duration.ofMinutes(10);
    private static final int MOST_CLOSED = 1024;

    private final SeedPeers seedPeers;
    private final int seedingsPerSeed;

    /** Origins and hosts of which nothing is to be hoped, and until when (milliseconds); the oldest first. */
    @GuardedBy("this")
    private final Map<String, Long> closed = new LinkedHashMap<>();

    /** @param seedingsPerSeed what each seed peer fetches at a time before peers read themselves; 0 for no limit */
    DirectReads(SeedPeers seedPeers, int seedingsPerSeed) {
        this.seedPeers = seedPeers;
        this.seedingsPerSeed = seedingsPerSeed;
    }

    /** Whether the first peer of a task is to read the origin itself. */
    boolean mayRead(Task task, Host host, long now) {
        if (seedingsPerSeed == 0 || !host.isDarter() || task.isSeeding() || !seedPeers.isBusy(task, seedingsPerSeed)) {
            return false;
        }
        Optional<String> origin = origin(task);
        return origin.isPresent() && !isClosed(origin.get(), now) && !isClosed(name(host), now);
    }

    /** Whether a seed peer may do what a peer could not; empty for one that may not read origins. */
    static boolean leavesOpen(Optional<OriginFailure> failure) {
        return failure.isEmpty() || failure.get().mayBeOnlyHere();
    }

    /** A peer could not. */
    void failed(Task task, Host host, Optional<OriginFailure> failure, long now) {
        String what = failure.isPresent() ? origin(task).orElse(name(host)) : name(host);
        LOG.atInfo()
                .addKeyValue("task", task.id())
                .addKeyValue("host", host.id())
                .addKeyValue("closed", what)
                .addKeyValue("reason", failure.map(OriginFailure::status).orElse("it may not read origins"))
                .log("a peer could not read an origin; a seed peer does");
        close(what, now + CLOSED.toMillis());
    }

    private synchronized void close(String what, long until) {
        closed.remove(what);
        if (closed.size() >= MOST_CLOSED) {
            closed.remove(closed.keySet().iterator().next());
        }
        closed.put(what, until);
    }

    private synchronized boolean isClosed(String what, long now) {
        return now < closed.getOrDefault(what, 0L);
    }

    private static String name(Host host) {
        return "host " + host.id();
    }

    /** Host and port; empty where the URL has none, which no peer would know how to read. */
    private static Optional<String> origin(Task task) {
        try {
            var url = new URI(task.url());
            return Optional.ofNullable(url.getHost()).map(host -> url.getScheme() + "://" + host + ":" + url.getPort());
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
