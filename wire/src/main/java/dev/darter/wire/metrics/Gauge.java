package dev.darter.wire.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** A number that goes up and down. Any thread may call it. */
public final class Gauge {
    private final AtomicLong current = new AtomicLong();

    Gauge() {}

    public void increment() {
        current.incrementAndGet();
    }

    public void decrement() {
        current.decrementAndGet();
    }

    public void set(long value) {
        current.set(value);
    }

    public long value() {
        return current.get();
    }
}
