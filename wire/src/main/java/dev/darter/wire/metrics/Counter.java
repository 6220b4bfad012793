package dev.darter.wire.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows. Any thread may call it; it costs next to nothing. */
public final class Counter {
    private final LongAdder total = new LongAdder();

    Counter() {}

    public void increment() {
        total.increment();
    }

    /** @throws IllegalArgumentException if {@code amount} is negative */
    public void add(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
        }
        total.add(amount);
    }

    public long value() {
        return total.sum();
    }
}
