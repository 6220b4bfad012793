package dev.darter.wire.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Messages of one stream, in order, waiting for the one thread that takes them. */
final class Inbox<T> {
    private final LinkedBlockingQueue<T> messages = new LinkedBlockingQueue<>();

    void put(T message) {
        messages.add(message);
    }

    /** The next message; empty when none came in time. */
    Optional<T> take(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(messages.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
    }
}
