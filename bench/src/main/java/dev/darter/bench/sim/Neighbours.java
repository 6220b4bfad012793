package dev.darter.bench.sim;

import dev.darter.peer.choice.Offers;
import java.util.Arrays;

/**
 * The links of one peer in the order in which they came, and beside them, close together in memory, what every choice looks at: what the
 * neighbour has told, from when on it may be asked, what is under way from there, and its rate.
 */
final class Neighbours {
    private static final long[] NOTHING = {};
    private static final int SOME = 16;

    private int count;
    private SimLink[] links = new SimLink[SOME];
    private int[] peers = new int[SOME];
    private long[][] told = new long[SOME][];
    private long[] openFrom = new long[SOME];
    private int[] requests = new int[SOME];
    private double[] rates = new double[SOME];
    private boolean[] far = new boolean[SOME];

    int count() {
        return count;
    }

    SimLink get(int place) {
        return links[place];
    }

    boolean include(SimPeer peer) {
        for (int i = 0; i < count; i++) {
            if (peers[i] == peer.number) {
                return true;
            }
        }
        return false;
    }

    void add(SimLink link) {
        if (count == links.length) {
            int length = 2 * count;
            links = Arrays.copyOf(links, length);
            peers = Arrays.copyOf(peers, length);
            told = Arrays.copyOf(told, length);
            openFrom = Arrays.copyOf(openFrom, length);
            requests = Arrays.copyOf(requests, length);
            rates = Arrays.copyOf(rates, length);
            far = Arrays.copyOf(far, length);
        }
        links[count] = link;
        peers[count] = link.neighbour.number;
        told[count] = NOTHING;
        far[count] = link.isFar();
        link.place = count++;
        changed(link);
    }

    void remove(SimLink link) {
        int from = link.place;
        count--;
        for (int i = from; i < count; i++) {
            links[i] = links[i + 1];
            peers[i] = peers[i + 1];
            told[i] = told[i + 1];
            openFrom[i] = openFrom[i + 1];
            requests[i] = requests[i + 1];
            rates[i] = rates[i + 1];
            far[i] = far[i + 1];
            links[i].place = i;
        }
    }

    /** Of a complete peer nobody looks at them again. */
    void clear() {
        count = 0;
        links = new SimLink[0];
        peers = new int[0];
        told = new long[0][];
        openFrom = new long[0];
        requests = new int[0];
        rates = new double[0];
        far = new boolean[0];
    }

    /** Follows what the link says of itself. */
    void changed(SimLink link) {
        int place = link.place;
        told[place] = link.heard ? link.neighbour.told.words : NOTHING;
        openFrom[place] = link.overdue > 0 ? Events.NEVER : link.restsUntil;
        requests[place] = link.requests;
        rates[place] = link.bytesPerSecond;
    }

    /**
     * What the peer may ask for.
     *
     * @param covered what it has or is getting
     * @param bringer who is asked for what nobody else has
     * @param mostFarRequests under way from elsewhere
     * @param wanted becomes what somebody has told of and is not covered
     * @param offers become those of who may be asked, now or soon
     */
    void look(long now, BlockSet covered, int bringer, int mostFarRequests, BlockSet wanted, Offers offers) {
        offers.clear();
        wanted.clear();
        boolean farBusy = farRequests() >= mostFarRequests;
        for (int i = 0; i < count; i++) {
            long[] words = told[i];
            if (words.length == 0 || !wanted.addAll(words) || openFrom[i] == Events.NEVER) {
                continue;
            }
            int open = openFrom[i] > now || (far[i] && farBusy) ? Offers.BUSY : requests[i];
            offers.add(i, words, open, rates[i], i == bringer || far[i]);
        }
        wanted.removeAll(covered);
    }

    /** Whether somebody else is at another place, too. */
    boolean hasFar(SimLink one) {
        for (int i = 0; i < count; i++) {
            if (far[i] && links[i] != one) {
                return true;
            }
        }
        return false;
    }

    private int farRequests() {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += far[i] ? requests[i] : 0;
        }
        return sum;
    }

    /** Whether the one at that place may be asked though nothing is under way from it. */
    boolean isIdle(int place, long now) {
        return requests[place] == 0 && openFrom[place] <= now && told[place].length > 0;
    }

    double bytesPerSecond(int place) {
        return rates[place];
    }
}
