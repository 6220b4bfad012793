package dev.darter.bench.sim;

import java.util.ArrayDeque;

/**
 * How the flows share the links: close to max-min fair, and never more than a link can carry.
 *
 * <p>Each link has a <em>level</em>, and a flow's rate is the lowest level on its path. A link is <em>filled</em> by finding the level at which
 * its flows, held back by their other links, take just what it has. When a flow comes or goes its own links are filled again; that changes rates
 * on others. A link that would now carry too much is filled without fail, which only lowers rates, so that this comes to an end; a link that
 * has become slack is filled while the budget of one change lasts, which is enough for what lies near. Whatever stays slack is filled at the
 * next change there, some milliseconds later: the error is on the slow side.
 */
final class Fluid {
    private static final double SLACK = 0.02;
    private static final int BUDGET = 12;
    private static final double NANOS = 1e9;

    private final Events events;
    private final ArrayDeque<Link> overfull = new ArrayDeque<>();
    private final ArrayDeque<Link> slack = new ArrayDeque<>();
    private double[] caps = new double[64];

    Fluid(Events events) {
        this.events = events;
    }

    void start(Flow flow, double bytes) {
        flow.left = bytes;
        flow.rate = 0;
        flow.updatedAt = events.now();
        flow.endsAt = Events.NEVER;
        for (int i = 0; i < flow.path.length; i++) {
            Link link = flow.path[i];
            flow.slots[i] = link.flows.size();
            link.flows.add(flow);
        }
        events.add(flow);
        for (Link link : flow.path) {
            fill(link);
        }
        settle();
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
            Flow last = link.flows.removeLast();
            if (last.number != flow.number) {
                int slot = flow.slots[i];
                link.flows.set(slot, last);
                for (int j = 0; j < last.path.length; j++) {
                    if (last.path[j] == link) {
                        last.slots[j] = slot;
                    }
                }
            }
            link.used -= flow.rate;
        }
        flow.rate = 0;
        for (Link link : flow.path) {
            if (link.level != Double.POSITIVE_INFINITY) {
                fill(link);
            }
        }
        settle();
        return Math.max(0, flow.left);
    }

    private void settle() {
        int budget = BUDGET;
        while (true) {
            Link link = overfull.poll();
            if (link == null) {
                link = slack.poll();
                if (link == null) {
                    return;
                }
                link.queued = false;
                if (budget-- > 0 && link.isSlack(SLACK)) {
                    fill(link);
                }
                continue;
            }
            if (link.isOverfull()) {
                fill(link);
            }
        }
    }

    private void fill(Link link) {
        link.level = level(link);
        for (Flow flow : link.flows) {
            double rate = Double.POSITIVE_INFINITY;
            for (Link on : flow.path) {
                rate = Math.min(rate, Math.min(on.level, on.capacity));
            }
            if (rate == flow.rate) {
                continue;
            }
            update(flow);
            for (Link on : flow.path) {
                on.used += rate - flow.rate;
                if (on != link) {
                    look(on);
                }
            }
            flow.rate = rate;
            aim(flow);
        }
    }

    private void look(Link link) {
        if (link.isOverfull()) {
            overfull.add(link);
        } else if (!link.queued && link.isSlack(SLACK)) {
            link.queued = true;
            slack.add(link);
        }
    }

    private double level(Link link) {
        int count = link.flows.size();
        if (count > caps.length) {
            caps = new double[count * 2];
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            Flow flow = link.flows.get(i);
            double cap = Double.POSITIVE_INFINITY;
            for (Link on : flow.path) {
                if (on != link) {
                    cap = Math.min(cap, Math.min(on.level, on.capacity));
                }
            }
            caps[i] = cap;
            sum += cap;
        }
        if (sum <= link.capacity) {
            return Double.POSITIVE_INFINITY;
        }
        double left = link.capacity;
        int open = count;
        while (true) {
            double fair = left / open;
            int before = open;
            for (int i = 0; i < open; ) {
                if (caps[i] < fair) {
                    left -= caps[i];
                    caps[i] = caps[--open];
                } else {
                    i++;
                }
            }
            if (open == before || open == 0) {
                return fair;
            }
        }
    }

    private void update(Flow flow) {
        long now = events.now();
        double bytes = Math.min(flow.left, flow.rate * (now - flow.updatedAt) / NANOS);
        if (now >= flow.endsAt) {
            bytes = flow.left;
        }
        flow.left -= bytes;
        flow.updatedAt = now;
        for (Link link : flow.path) {
            link.carried += bytes;
        }
    }

    private void aim(Flow flow) {
        flow.endsAt = flow.rate <= 0 ? Events.NEVER : events.now() + (long) Math.ceil(flow.left / flow.rate * NANOS);
        events.moved(flow);
    }
}
