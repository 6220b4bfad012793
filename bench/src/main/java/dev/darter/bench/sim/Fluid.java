package dev.darter.bench.sim;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * How the flows share the links: close to max-min fair, and never more than a link can carry.
 *
 * <p>Each link has a <em>level</em>, and a flow's rate is the lowest level on its path. A link is <em>filled</em> by finding the level at which
 * its flows, held back by their other links, take just what it has. When flows come or go their own links are filled again, once for all that
 * one event changed; that changes rates on others. A link that would now carry too much is filled without fail, which only lowers rates, so that
 * this comes to an end; a link that has become slack is filled while the budget of the event lasts, which is enough for what lies near.
 * Whatever stays slack is filled at the next change there, some milliseconds later: the error is on the slow side.
 *
 * <p>So is the other: a flow that would end sooner by a hundredth of what is left of its time ends when it was to end before, which spares the lists of
 * events most of the changes.
 */
final class Fluid {
    private static final byte OVERFULL = 1;
    private static final byte SLACK = 2;

    /** A link with less room than this is not slack. */
    private static final double TOLERANCE = 0.05;

    private static final int BUDGET = 1;
    private static final double NANOS = 1e9;

    /** A rate that would rise by less than this stays as it is. */
    private static final double RISE = 1.01;

    /** Of the time that is left, as a power of two. */
    private static final int LATE = 7;

    private static final long LATEST = 100_000;

    private final Events events;

    // by the number of the link
    private double[] capacities = new double[64];

    /** What the link uses up. */
    private double[] used = new double[64];

    /** No flow there gets more than this. */
    private double[] most = new double[64];

    /** Whether flows there get less than they could take elsewhere. */
    private boolean[] holds = new boolean[64];

    /** What is to be looked at before the event has settled. */
    private byte[] noted = new byte[64];

    private Link[] links = new Link[64];
    private int linkCount;
    private final ArrayDeque<Link> touched = new ArrayDeque<>();
    private final IntQueue overfull = new IntQueue();
    private final IntQueue slack = new IntQueue();
    private double[] caps = new double[64];
    private double[] open = new double[64];

    Fluid(Events events) {
        this.events = events;
    }

    /** @param capacity bytes a second */
    Link link(double capacity) {
        if (linkCount == links.length) {
            int length = 2 * linkCount;
            links = Arrays.copyOf(links, length);
            capacities = Arrays.copyOf(capacities, length);
            used = Arrays.copyOf(used, length);
            most = Arrays.copyOf(most, length);
            holds = Arrays.copyOf(holds, length);
            noted = Arrays.copyOf(noted, length);
        }
        var link = new Link(linkCount++);
        links[link.number] = link;
        capacities[link.number] = capacity;
        most[link.number] = capacity;
        return link;
    }

    /** Bytes a second that flow there now. */
    double used(Link link) {
        return used[link.number];
    }

    double capacity(Link link) {
        return capacities[link.number];
    }

    /** It gets its share when the event that runs has {@link #settle settled}. */
    void start(Flow flow, double bytes) {
        flow.left = bytes;
        flow.carried = 0;
        flow.rate = 0;
        flow.updatedAt = events.now();
        flow.endsAt = Events.NEVER;
        for (int i = 0; i < flow.path.length; i++) {
            flow.slots[i] = flow.path[i].add(flow);
            touch(flow.path[i]);
        }
    }

    /** The same flow carries more, without a pause. */
    void goOn(Flow flow, double bytes) {
        update(flow);
        flow.left += bytes;
        aim(flow);
    }

    /** @return bytes that it did not carry */
    double stop(Flow flow) {
        update(flow);
        events.remove(flow);
        for (int i = 0; i < flow.path.length; i++) {
            Link link = flow.path[i];
            link.remove(flow.slots[i]);
            used[link.number] -= flow.rate;
            link.carried += flow.carried;
            if (holds[link.number]) {
                touch(link);
            }
        }
        flow.rate = 0;
        flow.endsAt = Events.NEVER;
        return Math.max(0, flow.left);
    }

    /** Ends a flow if its time has come. */
    void happened(Flow flow) {
        if (flow.endsAt > events.now()) {
            if (flow.endsAt < Events.NEVER) {
                events.at(flow.endsAt, flow);
            }
            return;
        }
        flow.ended();
    }

    private void touch(Link link) {
        if (!link.isTouched) {
            link.isTouched = true;
            touched.add(link);
        }
    }

    /** After each event: shares out what it changed. */
    void settle() {
        if (touched.isEmpty()) {
            return;
        }
        for (Link link = touched.poll(); link != null; link = touched.poll()) {
            link.isTouched = false;
            fill(link);
        }
        int budget = BUDGET;
        while (true) {
            if (!overfull.isEmpty()) {
                int link = overfull.take();
                noted[link] &= ~OVERFULL;
                if (carriesTooMuch(link)) {
                    fill(links[link]);
                }
            } else if (!slack.isEmpty()) {
                int link = slack.take();
                noted[link] &= ~SLACK;
                if (budget > 0 && holdsBack(link)) {
                    budget--;
                    fill(links[link]);
                }
            } else {
                return;
            }
        }
    }

    private boolean carriesTooMuch(int link) {
        return used[link] > capacities[link] * (1 + 1e-9);
    }

    /** Whether it holds flows back although there is room: what used it has gone. */
    private boolean holdsBack(int link) {
        return holds[link] && used[link] < capacities[link] * (1 - TOLERANCE);
    }

    private void fill(Link link) {
        int count = link.count;
        if (count > caps.length) {
            caps = new double[count * 2];
            open = new double[count * 2];
        }
        double capacity = capacities[link.number];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            int other = link.others[i];
            double cap = other >= 0 ? most[other] : cap(link.flows[i], link);
            caps[i] = cap;
            open[i] = cap;
            sum += cap;
        }
        boolean isHolding = sum > capacity;
        double level = isHolding ? level(capacity, count) : capacity;
        holds[link.number] = isHolding;
        most[link.number] = level;
        for (int i = 0; i < count; i++) {
            double rate = Math.min(level, caps[i]);
            Flow flow = link.flows[i];
            if (rate < flow.rate || rate > flow.rate * RISE) {
                change(flow, rate, link);
            }
        }
    }

    private double cap(Flow flow, Link link) {
        double cap = Double.POSITIVE_INFINITY;
        for (int on : flow.ends) {
            if (on != link.number) {
                cap = Math.min(cap, most[on]);
            }
        }
        return cap;
    }

    private void change(Flow flow, double rate, Link by) {
        update(flow);
        double more = rate - flow.rate;
        for (int on : flow.ends) {
            used[on] += more;
            if (on != by.number) {
                look(on);
            }
        }
        flow.rate = rate;
        aim(flow);
    }

    private void look(int link) {
        if (carriesTooMuch(link)) {
            if ((noted[link] & OVERFULL) == 0) {
                noted[link] |= OVERFULL;
                overfull.add(link);
            }
        } else if (holdsBack(link) && (noted[link] & SLACK) == 0) {
            noted[link] |= SLACK;
            slack.add(link);
        }
    }

    /** Of those that are open: who cannot take a fair share leaves the rest to the others. */
    private double level(double capacity, int count) {
        double left = capacity;
        int some = count;
        while (true) {
            double fair = left / some;
            int before = some;
            for (int i = 0; i < some; ) {
                if (open[i] < fair) {
                    left -= open[i];
                    open[i] = open[--some];
                } else {
                    i++;
                }
            }
            if (some == before || some == 0) {
                return fair;
            }
        }
    }

    /** What a link carried until now. */
    double carried(Link link) {
        double carried = link.carried;
        for (int i = 0; i < link.count; i++) {
            update(link.flows[i]);
            carried += link.flows[i].carried;
        }
        return carried;
    }

    private void update(Flow flow) {
        long now = events.now();
        double bytes = now >= flow.endsAt ? flow.left : Math.min(flow.left, flow.rate * (now - flow.updatedAt) / NANOS);
        flow.left -= bytes;
        flow.carried += bytes;
        flow.updatedAt = now;
    }

    private void aim(Flow flow) {
        long now = events.now();
        flow.endsAt = flow.rate <= 0 ? Events.NEVER : now + (long) Math.ceil(flow.left / flow.rate * NANOS);
        if (flow.endsAt == Events.NEVER) {
            events.remove(flow);
            return;
        }
        if (flow.listed) {
            long sooner = events.timeOf(flow) - flow.endsAt;
            if (sooner <= Math.min(LATEST, (flow.endsAt - now) >> LATE)) {
                return;
            }
            events.remove(flow);
        }
        events.at(flow.endsAt, flow);
    }

    /** Numbers in the order in which they came. */
    private static final class IntQueue {
        private int[] numbers = new int[64];
        private int first;
        private int end;

        boolean isEmpty() {
            return first == end;
        }

        void add(int number) {
            if (end == numbers.length) {
                System.arraycopy(numbers, first, numbers, 0, end - first);
                end -= first;
                first = 0;
                if (end > numbers.length / 2) {
                    numbers = Arrays.copyOf(numbers, 2 * numbers.length);
                }
            }
            numbers[end++] = number;
        }

        int take() {
            return numbers[first++];
        }
    }
}
