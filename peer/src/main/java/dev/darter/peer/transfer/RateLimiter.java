package dev.darter.peer.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A token bucket over bytes. Whoever asks gets what he asked for, and is told how long to wait before he uses it: a request larger than
 * the bucket only waits longer. Any thread may call it.
 */
public final class RateLimiter {
    /** Lets everything through at once. */
    public static final RateLimiter UNLIMITED = new RateLimiter(0, System::nanoTime);

    private static final double NANOS = 1e9;

    private final double bytesPerSecond;
    private final LongSupplier nanoTime;

    /** When everything handed out so far will have been paid for. */
    @GuardedBy("this")
    private long paidAt;

    private RateLimiter(double bytesPerSecond, LongSupplier nanoTime) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.paidAt = nanoTime.getAsLong();
    }

    /** @param bytesPerSecond 0 for no limit; a fifth of a second may be used at once */
    public static RateLimiter of(double bytesPerSecond) {
        return bytesPerSecond <= 0 ? UNLIMITED : new RateLimiter(bytesPerSecond, System::nanoTime);
    }

    static RateLimiter of(double bytesPerSecond, LongSupplier nanoTime) {
        return new RateLimiter(bytesPerSecond, nanoTime);
    }

    /** Takes {@code bytes}; how long to wait before using them. */
    public Duration reserve(long bytes) {
        if (bytesPerSecond <= 0) {
            return Duration.ZERO;
        }
        synchronized (this) {
            long now = nanoTime.getAsLong();
            long burst = (long) (NANOS / 5);
            paidAt = Math.max(paidAt, now - burst) + (long) (bytes / bytesPerSecond * NANOS);
            return Duration.ofNanos(Math.max(0, paidAt - now));
        }
    }

    /** Takes {@code bytes} and waits until they may be used. */
    public void acquire(long bytes) throws InterruptedException {
        Duration wait = reserve(bytes);
        if (wait.isPositive()) {
            Thread.sleep(wait);
        }
    }
}
