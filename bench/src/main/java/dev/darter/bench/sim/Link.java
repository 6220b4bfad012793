package dev.darter.bench.sim;

import java.util.Arrays;

/**
 * One direction of a host's connection, or of the line between two places. How much of it is used stands with the {@link Fluid}, where all links are close
 * together in memory.
 */
final class Link {
    /** Among all links of the fluid. */
    final int number;

    Flow[] flows = new Flow[8];

    /** Of each flow that has just two links, the other one; -1 otherwise. */
    int[] others = new int[8];

    int count;
    double carried;
    boolean isTouched;

    Link(int number) {
        this.number = number;
    }

    int add(Flow flow) {
        if (count == flows.length) {
            flows = Arrays.copyOf(flows, 2 * count);
            others = Arrays.copyOf(others, 2 * count);
        }
        flows[count] = flow;
        others[count] = other(flow);
        return count++;
    }

    private int other(Flow flow) {
        if (flow.path.length != 2) {
            return -1;
        }
        return flow.ends[flow.ends[0] == number ? 1 : 0];
    }

    /** Puts the last flow where one goes. */
    void remove(int slot) {
        Flow moved = flows[--count];
        flows[slot] = moved;
        others[slot] = others[count];
        for (int i = 0; i < moved.path.length; i++) {
            if (moved.path[i] == this) {
                moved.slots[i] = slot;
            }
        }
    }
}
