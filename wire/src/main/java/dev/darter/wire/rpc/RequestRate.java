package dev.darter.wire.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;

/** A token bucket over calls: unary calls and opened streams alike. Any thread may call it. */
final class RequestRate {
    private static final double NANOS = 1e9;

    private final long perSecond;
    private final long burst;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private double tokens;

    @GuardedBy("this")
    private long filledAt;

    RequestRate(long perSecond, long burst, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
        this.tokens = burst;
        this.filledAt = nanoTime.getAsLong();
    }

    synchronized boolean tryAcquire() {
        long now = nanoTime.getAsLong();
        tokens = Math.min(burst, tokens + (now - filledAt) / NANOS * perSecond);
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    @Override
    public String toString() {
        return perSecond + " a second";
    }
}
