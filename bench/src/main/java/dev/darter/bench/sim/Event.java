package dev.darter.bench.sim;

import org.jspecify.annotations.Nullable;

/** Something that is to happen, and its place in the list of those of the same time. */
abstract class Event {
    /** The tick under which it is listed; meaningless while it is not. */
    long tick;

    boolean listed;

    /** Whether it is listed for a time so late that it has no place yet. */
    boolean isBeyond;

    @Nullable
    Event before;

    @Nullable
    Event after;

    abstract void happen();
}
