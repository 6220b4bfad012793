package dev.darter.manager.access;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Slows down who guesses passwords: after some failures a source has to wait. Any thread may call it. */
public final class SignInLimit {
    private static final int FREE_FAILURES = 10;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int REMEMBERED = 10_000;

    private record Failures(int count, long since) {}

    private final InstantSource clock;

    @GuardedBy("this")
    private final LinkedHashMap<String, Failures> bySource = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > REMEMBERED;
        }
    };

    public SignInLimit(InstantSource clock) {
        this.clock = clock;
    }

    public synchronized boolean mayTry(String source) {
        Failures failures = bySource.get(source);
        return failures == null
                || failures.count < FREE_FAILURES
                || clock.millis() - failures.since > WINDOW.toMillis();
    }

    public synchronized void failed(String source) {
        long now = clock.millis();
        bySource.merge(
                source,
                new Failures(1, now),
                (old, _) -> now - old.since > WINDOW.toMillis()
                        ? new Failures(1, now)
                        : new Failures(old.count + 1, old.since));
    }
}
