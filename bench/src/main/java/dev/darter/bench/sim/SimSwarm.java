package dev.darter.bench.sim;

import dev.darter.bench.lab.FluidLimit;
import dev.darter.peer.choice.BlockChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One swarm from the first request to the last completion.
 *
 * <p><b>What is the daemon's own.</b> Which block next and from whom ({@link BlockChoice}), what the first holder gives
 * ({@link dev.darter.peer.choice.FirstCopies}), how many requests, neighbours, uploads ({@link dev.darter.peer.choice.MeshRules}), how a
 * neighbour's rate is averaged, whom the scheduler names ({@link dev.darter.scheduler.scheduling.Scheduling}). What surrounds these in the
 * daemon (threads, sockets, storage) is played here: requests and news take a message's time, bytes flow as {@link Fluid} says, what a host
 * has is told at most every 50 ms, uploads queue. There is no CPU, no loss and no slow start.
 *
 * <p>For one thread. The same scenario has the same end, to the last byte.
 */
final class SimSwarm {
    private static final double NANOS = 1e9;
    private static final double PATIENCE = 50;
    private static final int SAMPLES = 50;

    private final Scenario scenario;
    private final Events events;
    private final Fluid fluid;
    private final List<SimPeer> peers = new ArrayList<>();
    private final SimPeer seed;
    private final List<Link> lineUp = new ArrayList<>();
    private final List<Link> lineDown = new ArrayList<>();
    private final List<SimResult.Sample> samples = new ArrayList<>();
    private final double limit;
    private final long longest;
    final SeedSide seedSide;
    final Meetings meetings;
    final Asking asking;
    final Giving giving;
    double wasted;

    /** Peers that count and have not got everything. */
    int missing;

    SimSwarm(Scenario scenario) {
        this.scenario = scenario;
        this.events = new Events(scenario.latency().toNanos());
        this.fluid = new Fluid(events);
        var random = new SplittableRandom(scenario.seed());
        this.limit = scenario.limit();
        this.longest = (long) ((limit * PATIENCE + 60 + scenario.stagger().toSeconds()) * NANOS);
        for (int place = 0; place < scenario.locations(); place++) {
            lineUp.add(fluid.link(FluidLimit.goodput(scenario.thinMbit())));
            lineDown.add(fluid.link(FluidLimit.goodput(scenario.thinMbit())));
        }
        this.seed = peer(SimPeer.SEED, 0, scenario.seedMbit());
        this.giving = new Giving(scenario, events, fluid, this);
        this.seedSide = new SeedSide(seed, events, scenario.blocks(), giving::give);
        this.meetings = new Meetings(scenario, events, new SimScheduler(random.split()), this, random);
        this.asking = new Asking(scenario, events, random, this);
        for (int number = 0; number < scenario.peers(); number++) {
            peers.add(peer(number, scenario.locationOf(number), scenario.peerMbit(number)));
        }
    }

    private SimPeer peer(int number, int location, double mbit) {
        double rate = FluidLimit.goodput(mbit);
        int salt = Long.hashCode(new SplittableRandom(scenario.seed() * 31 + number).nextLong());
        boolean counts = number != SimPeer.SEED && scenario.counts(number);
        return new SimPeer(
                number,
                location,
                counts,
                scenario.blocks(),
                fluid.link(rate),
                fluid.link(rate),
                new BlockChoice(salt),
                scenario.rules());
    }

    Link[] path(SimPeer from, SimPeer to) {
        return from.location == to.location
                ? new Link[] {from.up, to.down}
                : new Link[] {from.up, lineUp.get(from.location), lineDown.get(to.location), to.down};
    }

    SimResult run() {
        for (SimPeer peer : peers) {
            missing += peer.counts ? 1 : 0;
            events.at((long) (scenario.startOf(peer.number) * NANOS), () -> events.send(() -> meetings.register(peer)));
            double leaves = scenario.leavesAt(peer.number);
            if (leaves < Double.POSITIVE_INFINITY) {
                events.at((long) (leaves * NANOS), () -> leave(peer));
            }
        }
        events.at(0, () -> events.send(() -> events.send(this::wakeSeed)));
        sample();
        boolean more = true;
        while (more && missing > 0 && events.now() < longest) {
            more = events.next();
            fluid.settle();
        }
        return result();
    }

    private void wakeSeed() {
        meetings.wakeSeed(seed, peers);
        double rate = FluidLimit.goodput(Math.min(scenario.originMbit(), scenario.seedMbit()));
        land(0, events.now(), scenario.blockBytes() / rate * NANOS);
    }

    /** The origin gives one block after the other. */
    private void land(int block, long began, double nanosEach) {
        events.at(began + (long) ((block + 1) * nanosEach), () -> {
            seed.have.add(block);
            seed.stored++;
            if (block + 1 < scenario.blocks()) {
                land(block + 1, began, nanosEach);
            }
            seedSide.serve();
        });
    }

    private void leave(SimPeer peer) {
        if (peer.gone) {
            return;
        }
        peer.gone = true;
        asking.close(peer);
        giving.leave(peer);
        meetings.leave(peer);
    }

    // ---- what it came to

    private void sample() {
        addSample();
        events.at(events.now() + (long) (limit / SAMPLES * NANOS), this::sample);
    }

    private void addSample() {
        int[] stored = peers.stream()
                .filter(peer -> peer.counts)
                .mapToInt(peer -> peer.stored)
                .sorted()
                .toArray();
        if (stored.length > 0) {
            samples.add(SimResult.Sample.of(events.now() / NANOS, stored, scenario.blocks(), usedUplinks()));
        }
    }

    private double usedUplinks() {
        double used = 0;
        double all = 0;
        for (SimPeer peer : peers) {
            used += peer.gone ? 0 : fluid.used(peer.up);
            all += peer.gone ? 0 : fluid.capacity(peer.up);
        }
        return all == 0 ? 0 : used / all;
    }

    private SimResult result() {
        double sent = fluid.carried(seed.up);
        double received = fluid.carried(seed.down);
        double busiest = 0;
        double storedBytes = 0;
        for (SimPeer peer : peers) {
            double up = fluid.carried(peer.up);
            sent += up;
            received += fluid.carried(peer.down);
            busiest = Math.max(busiest, up);
            storedBytes += (double) peer.stored * scenario.blockBytes();
        }
        List<Double> seconds = peers.stream()
                .filter(peer -> peer.counts && peer.isComplete())
                .map(peer -> peer.finishedAt - scenario.startOf(peer.number))
                .sorted()
                .toList();
        double crossed = lineUp.stream().mapToDouble(fluid::carried).sum();
        addSample();
        return new SimResult(
                scenario,
                limit,
                seconds,
                missing,
                new SimResult.Bytes(sent, received, storedBytes, wasted, fluid.carried(seed.up), busiest, crossed),
                giving.transfers,
                giving.refused,
                events.taken(),
                samples);
    }
}
