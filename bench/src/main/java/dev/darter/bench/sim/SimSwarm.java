package dev.darter.bench.sim;

import dev.darter.bench.lab.FluidLimit;
import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.BlockOffer;
import dev.darter.peer.choice.MeshRules;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One swarm from the first request to the last completion.
 *
 * <p><b>What is the daemon's own.</b> Which block next and from whom ({@link BlockChoice}), what the first holder gives
 * ({@link dev.darter.peer.choice.FirstCopies}), how many requests, neighbours, uploads ({@link MeshRules}), how a neighbour's rate is
 * averaged, whom the scheduler names ({@link dev.darter.scheduler.scheduling.Scheduling}). What surrounds these in the daemon (threads,
 * sockets, storage) is played here: requests and news take a message's time, bytes flow as {@link Fluid} says, what a host has is told at
 * most every 50 ms, uploads queue. There is no CPU, no loss and no slow start.
 *
 * <p>For one thread. The same scenario has the same end, to the last byte.
 */
final class SimSwarm {
    private static final double NANOS = 1e9;

    /** What the upload server leaves unsent in a socket when it takes a transfer for over. */
    private static final int UNSENT = 128 << 10;

    private static final long REFRESH = 1_000_000_000;
    private static final double PATIENCE = 50;
    private static final int SAMPLES = 50;

    private final Scenario scenario;
    private final MeshRules rules;
    private final Events events;
    private final Fluid fluid;
    private final SplittableRandom random;
    private final List<SimPeer> peers = new ArrayList<>();
    private final SimPeer seed;
    private final SeedSide seedSide;
    private final SimScheduler scheduler;
    private final List<Link> lineUp = new ArrayList<>();
    private final List<Link> lineDown = new ArrayList<>();
    private final List<SimResult.Sample> samples = new ArrayList<>();
    private final double limit;
    private final long longest;
    private long flights;
    private long transfers;
    private long refused;
    private double wasted;
    private int missing;

    SimSwarm(Scenario scenario) {
        this.scenario = scenario;
        this.rules = scenario.rules();
        this.events = new Events(scenario.latency().toNanos());
        this.fluid = new Fluid(events);
        this.random = new SplittableRandom(scenario.seed());
        this.limit = scenario.limit();
        this.longest = (long) ((limit * PATIENCE + 60 + scenario.stagger().toSeconds()) * NANOS);
        for (int place = 0; place < scenario.locations(); place++) {
            lineUp.add(new Link(FluidLimit.goodput(scenario.thinMbit())));
            lineDown.add(new Link(FluidLimit.goodput(scenario.thinMbit())));
        }
        this.seed = peer(SimPeer.SEED, 0, scenario.seedMbit());
        this.seedSide = new SeedSide(seed, events, scenario.blocks(), this::give);
        this.scheduler = new SimScheduler(random.split());
        for (int number = 0; number < scenario.peers(); number++) {
            peers.add(peer(number, scenario.locationOf(number), scenario.peerMbit(number)));
        }
    }

    private SimPeer peer(int number, int location, double mbit) {
        double rate = FluidLimit.goodput(mbit);
        int salt = Long.hashCode(new SplittableRandom(scenario.seed() * 31 + number).nextLong());
        return new SimPeer(number, location, new Link(rate), new Link(rate), new BlockChoice(salt), rules);
    }

    SimResult run() {
        for (SimPeer peer : peers) {
            missing += scenario.counts(peer.number) ? 1 : 0;
            events.at((long) (scenario.startOf(peer.number) * NANOS), () -> events.send(() -> register(peer)));
            double leaves = scenario.leavesAt(peer.number);
            if (leaves < Double.POSITIVE_INFINITY) {
                events.at((long) (leaves * NANOS), () -> leave(peer));
            }
        }
        events.at(0, () -> events.send(() -> events.send(this::wakeSeed)));
        sample();
        boolean more = true;
        while (more && missing > 0 && events.now() < longest) {
            more = events.next(flow -> ended((Flight) flow));
        }
        return result();
    }

    // ---- the scheduler, and who meets whom

    private void wakeSeed() {
        scheduler.add(seed);
        peers.stream().filter(peer -> peer.joined && !peer.gone).forEach(this::name);
        double rate = FluidLimit.goodput(Math.min(scenario.originMbit(), scenario.seedMbit()));
        land(0, events.now(), scenario.blockBytes() / rate * NANOS);
        tellOfSeed();
    }

    /** The origin gives one block after the other. */
    private void land(int block, long began, double nanosEach) {
        events.at(began + (long) ((block + 1) * nanosEach), () -> {
            seed.have.set(block);
            if (block + 1 < scenario.blocks()) {
                land(block + 1, began, nanosEach);
            }
            seedSide.serve();
        });
    }

    private void register(SimPeer peer) {
        if (peer.gone) {
            return;
        }
        peer.joined = true;
        peer.begunAt = events.now();
        scheduler.add(peer);
        scheduler.waiting().forEach(this::name);
        refresh(peer);
    }

    private void name(SimPeer peer) {
        List<SimPeer> named = scheduler.choose(peer, seedSide.isComplete());
        events.send(() -> named.forEach(other -> meet(peer, other)));
    }

    private void refresh(SimPeer peer) {
        if (peer.gone || peer.isComplete()) {
            return;
        }
        name(peer);
        events.at(events.now() + REFRESH, () -> refresh(peer));
    }

    private void meet(SimPeer peer, SimPeer other) {
        boolean room = peer.links.size() < rules.mostLinks() || other.isSeed();
        if (peer.gone || peer.isComplete() || peer == other || !room) {
            return;
        }
        for (SimLink link : peer.links) {
            if (link.neighbour == other) {
                return;
            }
        }
        var link = new SimLink(peer, other);
        peer.links.add(link);
        events.send(() -> followed(link));
    }

    /** At the other side: it tells what it has, and follows back. */
    private void followed(SimLink link) {
        SimPeer other = link.neighbour;
        if (other.gone) {
            events.send(() -> leaveLink(link));
            return;
        }
        other.followers.add(link);
        BitSet told = other.isSeed() ? seedSide.told() : (BitSet) other.have.clone();
        boolean handsOut = other.isSeed() && seedSide.handsOut();
        events.send(() -> hear(link, told, handsOut));
        if (!other.isSeed() && other.joined) {
            meet(other, link.owner);
        }
    }

    private void hear(SimLink link, BitSet blocks, boolean handsOut) {
        if (link.closed) {
            return;
        }
        link.heard = true;
        link.handsOut = handsOut;
        link.blocks.or(blocks);
        SimPeer peer = link.owner;
        if (handsOut || (peer.numbered < rules.mostRequests() && wantsAnyOf(peer, blocks))) {
            startFetches(peer);
        }
    }

    private static boolean wantsAnyOf(SimPeer peer, BitSet blocks) {
        for (int block = blocks.nextSetBit(0); block >= 0; block = blocks.nextSetBit(block + 1)) {
            if (!peer.have.get(block) && !peer.inFlight.get(block)) {
                return true;
            }
        }
        return false;
    }

    /** What is new here is told at once when nothing was told for a while, else when that while is over. */
    private void tell(SimPeer peer, int block) {
        peer.untold.set(block);
        if (!peer.newsDue) {
            peer.newsDue = true;
            long pause = rules.newsPause(peer.followers.size(), events.now() - peer.begunAt);
            events.at(Math.max(events.now(), peer.toldAt + pause), () -> tellAll(peer));
        }
    }

    private void tellAll(SimPeer peer) {
        peer.newsDue = false;
        peer.toldAt = events.now();
        if (peer.gone) {
            return;
        }
        var news = (BitSet) peer.untold.clone();
        peer.untold.clear();
        tellFollowers(peer, news, false);
    }

    private void tellFollowers(SimPeer peer, BitSet news, boolean handsOut) {
        events.send(() -> {
            peer.followers.removeIf(link -> link.closed);
            for (SimLink link : List.copyOf(peer.followers)) {
                hear(link, news, handsOut);
            }
        });
    }

    private void tellOfSeed() {
        Optional<BitSet> news = seedSide.news();
        news.ifPresent(blocks -> tellFollowers(seed, blocks, seedSide.handsOut()));
        if (!seedSide.toldAll()) {
            events.at(events.now() + SeedSide.LOOK, this::tellOfSeed);
        }
    }

    // ---- what to ask for: as the daemon's mesh does it

    private void startFetches(SimPeer peer) {
        if (peer.gone || peer.isComplete()) {
            return;
        }
        long now = events.now();
        for (SimLink link : peer.links) {
            while (link.mayAskNext(rules.nextPerLink())) {
                link.nextRequests++;
                start(flight(link, true, -1, 1, Long.MAX_VALUE));
            }
        }
        while (peer.numbered < rules.mostRequests()) {
            BitSet wanted = wanted(peer);
            List<Integer> urgent = scenario.policy()
                    .urgent(peer.have, wanted, scenario.blocks(), BlockChoice.URGENT_PER_READER, random);
            Optional<BlockChoice.Request> request = wanted.isEmpty()
                    ? Optional.empty()
                    : peer.choice.next(
                            wanted,
                            urgent,
                            offers(peer, now),
                            rules.requestsPerLink(peer.numbered),
                            scenario.blockBytes());
            if (request.isEmpty()) {
                endgame(peer, now);
                return;
            }
            var chosen = request.get();
            request(peer.links.get(chosen.neighbour()), chosen.first(), chosen.count());
        }
    }

    private static BitSet wanted(SimPeer peer) {
        var wanted = new BitSet();
        for (SimLink link : peer.links) {
            wanted.or(link.blocks);
        }
        wanted.andNot(peer.have);
        wanted.andNot(peer.inFlight);
        return wanted;
    }

    private static List<BlockOffer> offers(SimPeer peer, long now) {
        var offers = new ArrayList<BlockOffer>(peer.links.size());
        for (int i = 0; i < peer.links.size(); i++) {
            SimLink link = peer.links.get(i);
            if (link.mayAsk(now)) {
                offers.add(new BlockOffer(i, link.blocks, link.requests, link.history.bytesPerSecond(), link.handsOut));
            }
        }
        return offers;
    }

    private void endgame(SimPeer peer, long now) {
        for (Flight flight : List.copyOf(peer.flights)) {
            if (flight.next || flight.length != 1 || flight.overdue || peer.have.get(flight.first)) {
                continue;
            }
            int racers = 0;
            for (Flight other : peer.flights) {
                racers += other.isSingle(flight.first) ? 1 : 0;
            }
            if (racers >= rules.mostRacers()) {
                continue;
            }
            for (SimLink link : peer.links) {
                boolean sooner = link != flight.link
                        && link.mayAsk(now)
                        && link.requests == 0
                        && !link.handsOut
                        && link.blocks.get(flight.first)
                        && MeshRules.isWorthRacing(
                                now - flight.began, scenario.blockBytes(), link.history.bytesPerSecond());
                if (sooner) {
                    request(link, flight.first, 1);
                    return;
                }
            }
        }
    }

    private void request(SimLink link, int first, int count) {
        SimPeer peer = link.owner;
        peer.inFlight.set(first, first + count);
        peer.numbered++;
        link.requests++;
        long bytes = (long) count * scenario.blockBytes();
        long patience = MeshRules.patience(bytes, link.history.bytesPerSecond(), false);
        Flight flight = flight(link, false, first, count, events.now() + patience);
        start(flight);
        setClock(peer, flight.deadline);
    }

    private Flight flight(SimLink link, boolean next, int first, int count, long deadline) {
        SimPeer from = link.neighbour;
        SimPeer to = link.owner;
        Link[] path = from.location == to.location
                ? new Link[] {from.up, to.down}
                : new Link[] {from.up, lineUp.get(from.location), lineDown.get(to.location), to.down};
        return new Flight(flights++, link, next, first, count, events.now(), deadline, path);
    }

    private void start(Flight flight) {
        flight.link.owner.flights.add(flight);
        events.send(() -> arrive(flight));
    }

    /** One timer a peer, for the next request that will be overdue. */
    private void setClock(SimPeer peer, long deadline) {
        if (!peer.clockSet) {
            peer.clockSet = true;
            events.at(deadline, () -> lookAtClock(peer));
        }
    }

    private void lookAtClock(SimPeer peer) {
        peer.clockSet = false;
        if (peer.gone || peer.isComplete()) {
            return;
        }
        long now = events.now();
        long soonest = Events.NEVER;
        for (Flight flight : peer.flights) {
            if (flight.next || flight.overdue) {
                continue;
            }
            if (flight.deadline <= now) {
                flight.overdue = true;
                flight.link.overdue++;
                peer.numbered--;
                peer.inFlight.clear(flight.first, flight.first + flight.length);
            } else {
                soonest = Math.min(soonest, flight.deadline);
            }
        }
        if (soonest < Events.NEVER) {
            setClock(peer, soonest);
        }
        startFetches(peer);
    }

    // ---- the giver

    private void arrive(Flight flight) {
        if (flight.ended) {
            return;
        }
        SimPeer giver = flight.link.neighbour;
        if (giver.gone) {
            events.send(() -> failed(flight));
        } else if (!flight.next) {
            var _ = give(flight);
        } else if (!seedSide.ask(flight)) {
            events.send(() -> over(flight, () -> flight.link.handsOut = false));
        }
    }

    /** @return false when too many wait */
    private boolean give(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        Uploads uploads = giver.uploads(flight);
        if (uploads.isFree()) {
            begin(uploads, flight);
            return true;
        }
        if (!uploads.await(flight)) {
            refused++;
            SimLink link = flight.link;
            long until = events.now() + MeshRules.rest(scenario.blockBytes(), link.history.bytesPerSecond());
            events.send(() -> over(flight, () -> rest(link, until)));
            return false;
        }
        return true;
    }

    private void rest(SimLink link, long until) {
        link.restsUntil = until;
        SimPeer peer = link.owner;
        if (!peer.waking) {
            peer.waking = true;
            events.at(until, () -> {
                peer.waking = false;
                startFetches(peer);
            });
        }
    }

    private void begin(Uploads uploads, Flight flight) {
        uploads.open.add(flight);
        flight.flowing = true;
        flight.buffered = Math.min(UNSENT, scenario.blockBytes());
        fluid.start(flight, scenario.blockBytes() - (flight.count > 1 ? 0 : flight.buffered));
    }

    /** A block has left, or all of the run that does not fit into the kernel's buffer: that much more is on its way when the next one begins. */
    private void ended(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        if (flight.count == 1 && !flight.draining) {
            flight.draining = true;
            Uploads uploads = giver.uploads(flight);
            uploads.open.remove(flight);
            giver.draining.add(flight);
            fluid.goOn(flight, flight.buffered);
            if (flight.next) {
                seedSide.sent(flight);
            }
            beginWaiting(giver, uploads);
            return;
        }
        int block = flight.block;
        transfers++;
        events.send(() -> came(flight, block));
        if (--flight.count > 0) {
            flight.block++;
            fluid.goOn(flight, scenario.blockBytes() - (flight.count > 1 ? 0 : flight.buffered));
            return;
        }
        var _ = release(flight);
        events.send(() -> over(flight, () -> {}));
    }

    /** @return bytes of the block under way that have left */
    private double release(Flight flight) {
        SimPeer giver = flight.link.neighbour;
        double left = fluid.stop(flight);
        if (flight.count == 1 && !flight.draining) {
            left += flight.buffered;
        }
        flight.flowing = false;
        Uploads uploads = giver.uploads(flight);
        uploads.open.remove(flight);
        if (!giver.draining.remove(flight) && flight.next) {
            seedSide.takeBack(flight);
        }
        beginWaiting(giver, uploads);
        return scenario.blockBytes() - left;
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
                seedSide.takeBack(waited);
            }
        }
    }

    // ---- the taker

    private void came(Flight flight, int block) {
        SimPeer peer = flight.link.owner;
        if (flight.ended || peer.have.get(block)) {
            wasted += scenario.blockBytes();
            return;
        }
        flight.came++;
        peer.inFlight.clear(block);
        peer.have.set(block);
        peer.stored++;
        tell(peer, block);
        for (Flight other : List.copyOf(peer.flights)) {
            if (other != flight && other.isSingle(block)) {
                stop(other);
            }
        }
        if (peer.stored == scenario.blocks()) {
            finish(peer);
        }
    }

    private void finish(SimPeer peer) {
        peer.finishedAt = events.now() / NANOS;
        missing -= scenario.counts(peer.number) ? 1 : 0;
        close(peer);
    }

    /** Leaves all neighbours; those that follow it are not touched. */
    private void close(SimPeer peer) {
        List.copyOf(peer.flights).forEach(this::stop);
        peer.links.forEach(link -> link.closed = true);
        peer.links.clear();
    }

    /** It has ended one way or another, and was not stopped. */
    private void over(Flight flight, Runnable also) {
        if (flight.ended) {
            return;
        }
        forget(flight);
        if (flight.came > 0) {
            flight.link.history =
                    flight.link.history.gave((long) flight.came * scenario.blockBytes(), events.now() - flight.began);
        }
        also.run();
        startFetches(flight.link.owner);
    }

    private void failed(Flight flight) {
        if (!flight.ended) {
            forget(flight);
            leaveLink(flight.link);
        }
    }

    /** Breaks it off: the giver learns of it a message later. */
    private void stop(Flight flight) {
        if (flight.ended) {
            return;
        }
        forget(flight);
        events.send(() -> {
            if (flight.flowing) {
                wasted += release(flight);
            }
        });
    }

    private void forget(Flight flight) {
        SimLink link = flight.link;
        SimPeer peer = link.owner;
        flight.ended = true;
        peer.flights.remove(flight);
        if (flight.next) {
            link.nextRequests--;
            return;
        }
        link.requests--;
        if (flight.overdue) {
            link.overdue--;
            return;
        }
        peer.numbered--;
        for (int block = flight.first; block < flight.first + flight.length; block++) {
            int number = block;
            if (peer.flights.stream().noneMatch(other -> !other.overdue && other.covers(number))) {
                peer.inFlight.clear(block);
            }
        }
    }

    // ---- departures

    private void leave(SimPeer peer) {
        if (peer.gone) {
            return;
        }
        peer.gone = true;
        close(peer);
        var open = new ArrayList<>(peer.draining);
        var waiting = new ArrayList<Flight>();
        for (Uploads uploads : peer.uploads) {
            open.addAll(uploads.open);
            waiting.addAll(uploads.waiting);
            uploads.waiting.clear();
        }
        for (Flight flight : open) {
            wasted += release(flight);
            events.send(() -> failed(flight));
        }
        waiting.forEach(flight -> events.send(() -> failed(flight)));
        var followers = List.copyOf(peer.followers);
        peer.followers.clear();
        events.send(() -> followers.forEach(this::leaveLink));
        events.send(() -> scheduler.remove(peer));
    }

    private void leaveLink(SimLink link) {
        if (link.closed) {
            return;
        }
        link.closed = true;
        SimPeer peer = link.owner;
        peer.links.remove(link);
        for (Flight flight : List.copyOf(peer.flights)) {
            if (flight.link == link) {
                stop(flight);
            }
        }
        startFetches(peer);
    }

    // ---- what it came to

    private void sample() {
        int[] stored = peers.stream()
                .filter(peer -> scenario.counts(peer.number))
                .mapToInt(peer -> peer.stored)
                .sorted()
                .toArray();
        if (stored.length > 0) {
            samples.add(SimResult.Sample.of(events.now() / NANOS, stored, scenario.blocks()));
        }
        events.at(events.now() + (long) (limit / SAMPLES * NANOS), this::sample);
    }

    private SimResult result() {
        double sent = seed.up.carried;
        double received = seed.down.carried;
        double busiest = 0;
        double storedBytes = 0;
        for (SimPeer peer : peers) {
            sent += peer.up.carried;
            received += peer.down.carried;
            busiest = Math.max(busiest, peer.up.carried);
            storedBytes += (double) peer.stored * scenario.blockBytes();
        }
        List<Double> seconds = peers.stream()
                .filter(peer -> scenario.counts(peer.number) && peer.isComplete())
                .map(peer -> peer.finishedAt - scenario.startOf(peer.number))
                .sorted()
                .toList();
        double crossed = lineUp.stream().mapToDouble(link -> link.carried).sum();
        samples.add(SimResult.Sample.of(
                events.now() / NANOS,
                peers.stream()
                        .filter(peer -> scenario.counts(peer.number))
                        .mapToInt(peer -> peer.stored)
                        .sorted()
                        .toArray(),
                scenario.blocks()));
        return new SimResult(
                scenario,
                limit,
                seconds,
                missing,
                new SimResult.Bytes(sent, received, storedBytes, wasted, seed.up.carried, busiest, crossed),
                transfers,
                refused,
                events.taken(),
                samples);
    }
}
