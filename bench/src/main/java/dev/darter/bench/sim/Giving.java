package dev.darter.bench.sim;

import dev.darter.peer.choice.MeshRules;
import java.util.ArrayList;

/** The hosts as givers: a few uploads at a time, a short line, and what is beyond that is told that the host is busy. */
final class Giving {
    /** What the upload server leaves unsent in a socket when it takes a transfer for over. */
    private static final int UNSENT = 128 << 10;

    private final int blockBytes;
    private final int buffered;
    private final Events events;
    private final Fluid fluid;
    private final SimSwarm swarm;
    long transfers;
    long refused;

    Giving(Scenario scenario, Events events, Fluid fluid, SimSwarm swarm) {
        this.blockBytes = scenario.blockBytes();
        this.buffered = Math.min(UNSENT, scenario.blockBytes());
        this.events = events;
        this.fluid = fluid;
        this.swarm = swarm;
    }

    void arrive(Flight flight) {
        if (flight.ended) {
            return;
        }
        SimPeer giver = flight.link.neighbour;
        if (giver.gone) {
            events.send(() -> swarm.asking.failed(flight));
        } else if (!flight.next) {
            var _ = give(flight);
        } else if (!swarm.seedSide.ask(flight)) {
            events.send(() -> swarm.asking.nothingMore(flight));
        }
    }

    /** @return false when too many wait */
    boolean give(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        Uploads uploads = giver.uploads(flight);
        if (uploads.isFree()) {
            begin(uploads, flight);
            return true;
        }
        if (!uploads.await(flight)) {
            refused++;
            long until = events.now() + MeshRules.rest(blockBytes, flight.link.bytesPerSecond);
            events.send(() -> swarm.asking.busy(flight, until));
            return false;
        }
        return true;
    }

    private void begin(Uploads uploads, Flight flight) {
        uploads.open.add(flight);
        flight.flowing = true;
        fluid.start(flight, blockBytes - (flight.count > 1 ? 0 : buffered));
    }

    void happened(Flight flight) {
        fluid.happened(flight);
    }

    /** A block has left, or all of the run that does not fit into the kernel's buffer: that much more is on its way when the next one begins. */
    void ended(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        if (flight.count == 1 && !flight.draining) {
            flight.draining = true;
            Uploads uploads = giver.uploads(flight);
            uploads.open.remove(flight);
            giver.draining.add(flight);
            fluid.goOn(flight, buffered);
            if (flight.next) {
                swarm.seedSide.sent(flight);
            }
            beginWaiting(giver, uploads);
            return;
        }
        int block = flight.block;
        transfers++;
        events.send(() -> swarm.asking.came(flight, block));
        if (--flight.count > 0) {
            flight.block++;
            fluid.goOn(flight, blockBytes - (flight.count > 1 ? 0 : buffered));
            return;
        }
        var _ = release(flight);
        beginWaiting(giver, giver.uploads(flight));
        events.send(() -> swarm.asking.over(flight));
    }

    void brokenOff(Flight flight) {
        if (flight.flowing) {
            swarm.wasted += release(flight);
        }
    }

    /** @return bytes of the block under way that have left */
    private double release(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        double left = fluid.stop(flight);
        flight.flowing = false;
        if (flight.draining) {
            giver.draining.remove(flight);
            return blockBytes - left;
        }
        if (flight.count == 1) {
            left += buffered;
        }
        Uploads uploads = giver.uploads(flight);
        uploads.open.remove(flight);
        if (flight.next) {
            swarm.seedSide.takeBack(flight);
        }
        beginWaiting(giver, uploads);
        return blockBytes - left;
    }

    private void beginWaiting(SimPeer giver, Uploads uploads) {
        while (!giver.gone && uploads.isFree()) {
            Flight waited = uploads.waiting.poll();
            if (waited == null) {
                return;
            }
            if (!waited.ended) {
                begin(uploads, waited);
            } else if (waited.next) {
                swarm.seedSide.takeBack(waited);
            }
        }
    }

    /** The host goes, and with it what it was giving. */
    void leave(SimPeer giver) {
        var open = new ArrayList<>(giver.draining);
        var waiting = new ArrayList<Flight>();
        for (Uploads uploads : giver.uploads) {
            open.addAll(uploads.open);
            waiting.addAll(uploads.waiting);
            uploads.waiting.clear();
        }
        for (Flight flight : open) {
            swarm.wasted += release(flight);
            events.send(() -> swarm.asking.failed(flight));
        }
        waiting.forEach(flight -> events.send(() -> swarm.asking.failed(flight)));
    }
}
