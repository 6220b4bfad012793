package dev.darter.bench.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen, in order of time, and at the same time in the order in which it was asked for. For one thread.
 *
 * <p><b>How.</b> Time goes in ticks of some microseconds, whose lists stand on a wheel: entering, leaving and taking cost the same however
 * much is to happen, where a heap of a million touches twenty places in memory each time. What lies beyond the wheel's turn waits on a second wheel
 * with a list for each turn. Everything that is asked for between two ticks happens at the later one. Messages all take the same time, so they come in
 * the order in which they were sent and need no more than a queue.
 */
final class Events {
    static final long NEVER = Long.MAX_VALUE;

    /** Binary digits of the nanoseconds of a tick: 2 µs, a ten-thousandth of what a block of 256 KiB takes at 100 Mbit/s. */
    private static final int TICK = 11;

    private static final int TURN = 16;
    private static final int TURN_TICKS = 1 << TURN;
    private static final int TURNS = 1 << 12;

    private final int latency;

    // messages, a ring
    private Runnable[] messages = new Runnable[1 << 10];
    private long[] messageTicks = new long[1 << 10];
    private int firstMessage;
    private int messageCount;

    // the wheel of this turn, and which of its lists are not empty
    private final @Nullable Event[] first = new Event[TURN_TICKS];
    private final @Nullable Event[] last = new Event[TURN_TICKS];
    private final long[] filled = new long[TURN_TICKS / Long.SIZE];
    private int earliest = TURN_TICKS;

    // later turns, and what is later still
    private final @Nullable Event[] firstOfTurn = new Event[TURNS];
    private final @Nullable Event[] lastOfTurn = new Event[TURNS];
    private final List<Event> beyond = new ArrayList<>();

    private long listed;
    private long tick;
    private long taken;

    /** @param latency nanoseconds that every message takes */
    Events(long latency) {
        this.latency = (int) ticks(latency);
    }

    private static long ticks(long nanos) {
        return (nanos + (1 << TICK) - 1) >>> TICK;
    }

    /** Nanoseconds since the beginning. */
    long now() {
        return tick << TICK;
    }

    /** When an event that is listed happens. */
    long timeOf(Event event) {
        return event.tick << TICK;
    }

    /** How many events there were. */
    long taken() {
        return taken;
    }

    /** After a message's way. */
    void send(Runnable action) {
        if (messageCount == messages.length) {
            growMessages();
        }
        int place = (firstMessage + messageCount) & (messages.length - 1);
        messages[place] = action;
        messageTicks[place] = tick + latency;
        messageCount++;
    }

    private void growMessages() {
        int length = messages.length;
        var actions = new Runnable[2 * length];
        var ticks = new long[2 * length];
        for (int i = 0; i < length; i++) {
            int place = (firstMessage + i) & (length - 1);
            actions[i] = messages[place];
            ticks[i] = messageTicks[place];
        }
        messages = actions;
        messageTicks = ticks;
        firstMessage = 0;
    }

    /** At a time in nanoseconds, or now when that is over. */
    void at(long time, Runnable action) {
        at(time, new Event() {
            @Override
            void happen() {
                action.run();
            }
        });
    }

    /** The same for an event that is not listed yet. */
    void at(long time, Event event) {
        list(event, time <= now() ? tick : ticks(time));
    }

    private void list(Event event, long when) {
        event.tick = when;
        event.listed = true;
        listed++;
        place(event);
    }

    private void place(Event event) {
        long turns = (event.tick >>> TURN) - (tick >>> TURN);
        if (turns == 0) {
            int slot = (int) (event.tick & (TURN_TICKS - 1));
            append(event, first, last, slot);
            filled[slot >>> 6] |= 1L << slot;
            earliest = Math.min(earliest, slot);
        } else if (turns < TURNS) {
            append(event, firstOfTurn, lastOfTurn, (int) (event.tick >>> TURN) & (TURNS - 1));
        } else {
            event.isBeyond = true;
            beyond.add(event);
        }
    }

    private static void append(Event event, @Nullable Event[] heads, @Nullable Event[] tails, int slot) {
        Event tail = tails[slot];
        event.before = tail;
        event.after = null;
        if (tail == null) {
            heads[slot] = event;
        } else {
            tail.after = event;
        }
        tails[slot] = event;
    }

    /** Does nothing when it is not listed. */
    void remove(Event event) {
        if (!event.listed) {
            return;
        }
        event.listed = false;
        listed--;
        if (event.isBeyond) {
            event.isBeyond = false;
            beyond.remove(event);
        } else if (event.tick >>> TURN == tick >>> TURN) {
            int slot = (int) (event.tick & (TURN_TICKS - 1));
            unlink(event, first, last, slot);
            if (first[slot] == null) {
                filled[slot >>> 6] &= ~(1L << slot);
            }
        } else {
            unlink(event, firstOfTurn, lastOfTurn, (int) (event.tick >>> TURN) & (TURNS - 1));
        }
    }

    private static void unlink(Event event, @Nullable Event[] heads, @Nullable Event[] tails, int slot) {
        Event before = event.before;
        Event after = event.after;
        if (before == null) {
            heads[slot] = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            tails[slot] = before;
        } else {
            after.before = before;
        }
        event.before = null;
        event.after = null;
    }

    /** @return false when nothing is left */
    boolean next() {
        while (true) {
            int timer = earliestSlot();
            long turn = tick >>> TURN;
            boolean messageNow = messageCount > 0 && messageTicks[firstMessage] >>> TURN == turn;
            if (messageNow && (messageTicks[firstMessage] & (TURN_TICKS - 1)) <= timer) {
                takeMessage();
                return true;
            }
            if (timer < TURN_TICKS) {
                take(timer);
                return true;
            }
            if (listed == 0 && messageCount == 0) {
                return false;
            }
            nextTurn();
        }
    }

    private void takeMessage() {
        Runnable action = messages[firstMessage];
        tick = messageTicks[firstMessage];
        firstMessage = (firstMessage + 1) & (messages.length - 1);
        messageCount--;
        taken++;
        action.run();
    }

    private void take(int slot) {
        Event event = Objects.requireNonNull(first[slot]);
        tick = event.tick;
        remove(event);
        taken++;
        event.happen();
    }

    private int earliestSlot() {
        if (earliest == TURN_TICKS || first[earliest] != null) {
            return earliest;
        }
        int word = earliest >>> 6;
        long left = filled[word] & -1L << earliest;
        while (left == 0 && ++word < filled.length) {
            left = filled[word];
        }
        earliest = left == 0 ? TURN_TICKS : (word << 6) + Long.numberOfTrailingZeros(left);
        return earliest;
    }

    private void nextTurn() {
        long turn = (tick >>> TURN) + 1;
        tick = turn << TURN;
        earliest = TURN_TICKS;
        int slot = (int) turn & (TURNS - 1);
        Event event = firstOfTurn[slot];
        firstOfTurn[slot] = null;
        lastOfTurn[slot] = null;
        while (event != null) {
            Event after = event.after;
            place(event);
            event = after;
        }
        if (slot == 0) {
            var waiting = new ArrayList<>(beyond);
            beyond.clear();
            for (Event late : waiting) {
                late.isBeyond = false;
                place(late);
            }
        }
    }
}
