package dev.darter.bench.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * What is to happen, in order of time, and at the same time in the order in which it was asked for. Three queues, since most events are of
 * two kinds: messages, which all take the same time and so come in the order in which they were sent, and ends of transfers, which move
 * with every change of a rate. For one thread.
 */
final class Events {
    static final long NEVER = Long.MAX_VALUE;

    private final long latency;
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private Flow[] flows = new Flow[1024];
    private int flowCount;
    private long timerCount;
    private long now;
    private long taken;

    private record Message(long at, Runnable action) {}

    private record Timer(long at, long order, Runnable action) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** @param latency nanoseconds that every message takes */
    Events(long latency) {
        this.latency = latency;
    }

    long now() {
        return now;
    }

    /** How many events there were. */
    long taken() {
        return taken;
    }

    /** After a message's way. */
    void send(Runnable action) {
        messages.add(new Message(now + latency, action));
    }

    void at(long time, Runnable action) {
        timers.add(new Timer(Math.max(now, time), timerCount++, action));
    }

    /** @return false when nothing is left */
    boolean next(FlowEnd ended) {
        long message = messages.isEmpty() ? NEVER : messages.peek().at();
        long timer = timers.isEmpty() ? NEVER : timers.peek().at();
        long flow = flowCount == 0 ? NEVER : flows[0].endsAt;
        long first = Math.min(message, Math.min(timer, flow));
        if (first == NEVER) {
            return false;
        }
        now = first;
        taken++;
        if (message == first) {
            messages.remove().action().run();
        } else if (timer == first) {
            timers.remove().action().run();
        } else {
            ended.ended(flows[0]);
        }
        return true;
    }

    /** Whoever is told that a flow has ended. */
    interface FlowEnd {
        void ended(Flow flow);
    }

    // ---- flows, a heap by their end

    void add(Flow flow) {
        if (flowCount == flows.length) {
            flows = Arrays.copyOf(flows, flowCount * 2);
        }
        flow.place = flowCount;
        flows[flowCount++] = flow;
        up(flow);
    }

    void moved(Flow flow) {
        up(flow);
        down(flow);
    }

    void remove(Flow flow) {
        Flow last = flows[--flowCount];
        if (last.number != flow.number) {
            last.place = flow.place;
            flows[last.place] = last;
            moved(last);
        }
        flow.place = -1;
    }

    private static boolean isBefore(Flow a, Flow b) {
        return a.endsAt < b.endsAt || (a.endsAt == b.endsAt && a.number < b.number);
    }

    private void up(Flow flow) {
        int place = flow.place;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!isBefore(flow, flows[parent])) {
                break;
            }
            flows[place] = flows[parent];
            flows[place].place = place;
            place = parent;
        }
        flows[place] = flow;
        flow.place = place;
    }

    private void down(Flow flow) {
        int place = flow.place;
        while (true) {
            int child = 2 * place + 1;
            if (child >= flowCount) {
                break;
            }
            if (child + 1 < flowCount && isBefore(flows[child + 1], flows[child])) {
                child++;
            }
            if (!isBefore(flows[child], flow)) {
                break;
            }
            flows[place] = flows[child];
            flows[place].place = place;
            place = child;
        }
        flows[place] = flow;
        flow.place = place;
    }
}
