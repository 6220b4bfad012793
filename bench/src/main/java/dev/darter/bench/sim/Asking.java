package dev.darter.bench.sim;

import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Offers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The peers as takers: what they ask for and of whom, as the daemon's mesh does it, and what comes of it. */
final class Asking {
    private static final double NANOS = 1e9;

    private final Scenario scenario;
    private final MeshRules rules;
    private final Events events;
    private final RandomGenerator random;
    private final SimSwarm swarm;

    // used by one choice after the other
    private final Offers offers = new Offers();
    private final BlockSet wanted;
    private final List<SimLink> idle = new ArrayList<>();

    Asking(Scenario scenario, Events events, RandomGenerator random, SimSwarm swarm) {
        this.scenario = scenario;
        this.rules = scenario.rules();
        this.events = events;
        this.random = random;
        this.swarm = swarm;
        this.wanted = new BlockSet(scenario.blocks());
    }

    /** Asks for as much as may be under way. */
    void startFetches(SimPeer peer) {
        if (peer.gone || peer.isComplete()) {
            return;
        }
        SimLink bringer = peer.bringer;
        boolean isTakenElsewhere =
                bringer != null && bringer.isFar() && peer.numbered > 0 && peer.links.hasFar(bringer);
        while (bringer != null && !isTakenElsewhere && bringer.mayAskNext(rules.nextPerLink())) {
            bringer.nextRequests++;
            start(flight(bringer, true, -1, 1, Events.NEVER));
        }
        if (peer.numbered >= rules.mostRequests()) {
            return;
        }
        long now = events.now();
        look(peer, now);
        while (peer.numbered < rules.mostRequests()) {
            Optional<BlockChoice.Request> request = choose(peer);
            if (request.isEmpty()) {
                endgame(peer, now);
                return;
            }
            var chosen = request.get();
            offers.asked(chosen.neighbour());
            wanted.remove(chosen.first(), chosen.count());
            SimLink link = peer.links.get(chosen.neighbour());
            request(link, chosen.first(), chosen.count());
            if (link.isFar()) {
                look(peer, now); // that may have been the last one from elsewhere
            }
        }
    }

    private void look(SimPeer peer, long now) {
        int bringer = peer.bringer == null ? -1 : peer.bringer.place;
        peer.links.look(now, peer.covered, bringer, rules.mostFarRequests(), wanted, offers);
    }

    private Optional<BlockChoice.Request> choose(SimPeer peer) {
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        List<Integer> urgent =
                scenario.policy().urgent(peer.have, wanted, scenario.blocks(), BlockChoice.URGENT_PER_READER, random);
        int perLink = rules.requestsPerLink(peer.numbered);
        return peer.choice.next(wanted.words, urgent, offers, perLink, scenario.blockBytes());
    }

    private void endgame(SimPeer peer, long now) {
        int missing = scenario.blocks() - peer.stored;
        if (!isWorthRacingAny(peer, now, missing)) {
            return;
        }
        idle.clear();
        double fastest = 0;
        for (int i = 0; i < peer.links.count(); i++) {
            if (peer.links.isIdle(i, now) && peer.links.get(i) != peer.bringer) {
                idle.add(peer.links.get(i));
                fastest = Math.max(fastest, peer.links.bytesPerSecond(i));
            }
        }
        for (int i = 0; i < peer.flights.size(); i++) {
            Flight flight = peer.flights.get(i);
            if (flight.next) {
                continue;
            }
            if (!rules.isWorthRacing(now - flight.began, scenario.blockBytes(), fastest, missing)) {
                return; // and none that was asked for later
            }
            boolean mayBeRaced = flight.length == 1
                    && !flight.overdue
                    && !peer.have.has(flight.first)
                    && racers(peer, flight.first) < rules.mostRacers();
            if (mayBeRaced && race(flight, now, missing)) {
                return;
            }
        }
    }

    /** Cheaper than to look for those that are idle, which is in vain nearly always. */
    private boolean isWorthRacingAny(SimPeer peer, long now, int missing) {
        for (Flight flight : peer.flights) {
            if (!flight.next) {
                return rules.isWorthRacing(now - flight.began, scenario.blockBytes(), peer.fastest, missing);
            }
        }
        return false;
    }

    private static int racers(SimPeer peer, int block) {
        int racers = 0;
        for (Flight other : peer.flights) {
            racers += other.isSingle(block) ? 1 : 0;
        }
        return racers;
    }

    private boolean race(Flight flight, long now, int missing) {
        for (SimLink link : idle) {
            boolean sooner = link != flight.link
                    && link.neighbour.told.has(flight.first)
                    && rules.isWorthRacing(now - flight.began, scenario.blockBytes(), link.bytesPerSecond, missing);
            if (sooner) {
                request(link, flight.first, 1);
                return true;
            }
        }
        return false;
    }

    private void request(SimLink link, int first, int count) {
        SimPeer peer = link.owner;
        peer.covered.add(first, count);
        peer.numbered++;
        link.requests++;
        peer.links.changed(link);
        long bytes = (long) count * scenario.blockBytes();
        long patience = MeshRules.patience(bytes, link.bytesPerSecond, false);
        Flight flight = flight(link, false, first, count, events.now() + patience);
        start(flight);
        setClock(peer, flight.deadline);
    }

    private Flight flight(SimLink link, boolean next, int first, int count, long deadline) {
        Link[] path = swarm.path(link.neighbour, link.owner);
        return new Flight(swarm.giving, link, next, first, count, events.now(), deadline, path);
    }

    private void start(Flight flight) {
        flight.link.owner.flights.add(flight);
        events.send(() -> swarm.giving.arrive(flight));
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
                peer.links.changed(flight.link);
                peer.numbered--;
                uncover(peer, flight);
            } else {
                soonest = Math.min(soonest, flight.deadline);
            }
        }
        if (soonest < Events.NEVER) {
            setClock(peer, soonest);
        }
        startFetches(peer);
    }

    // ---- what comes of it

    void busy(Flight flight, long until) {
        if (flight.ended) {
            return;
        }
        SimLink link = flight.link;
        link.restsUntil = until;
        link.owner.links.changed(link);
        SimPeer peer = link.owner;
        if (!peer.waking) {
            peer.waking = true;
            events.at(until, () -> {
                peer.waking = false;
                startFetches(peer);
            });
        }
        over(flight);
    }

    void nothingMore(Flight flight) {
        if (!flight.ended) {
            flight.link.handsOut = false;
            flight.link.owner.bringer = null;
            over(flight);
        }
    }

    /** It has ended one way or another, unless it was stopped before. */
    void over(Flight flight) {
        if (flight.ended) {
            return;
        }
        forget(flight);
        if (flight.came > 0) {
            flight.link.gave((long) flight.came * scenario.blockBytes(), events.now() - flight.began);
            flight.link.owner.links.changed(flight.link);
            flight.link.owner.fastest = Math.max(flight.link.owner.fastest, flight.link.bytesPerSecond);
        }
        startFetches(flight.link.owner);
    }

    void failed(Flight flight) {
        if (!flight.ended) {
            forget(flight);
            swarm.meetings.leaveLink(flight.link);
        }
    }

    /** A block is here; what does not count is wasted. */
    void came(Flight flight, int block) {
        SimPeer peer = flight.link.owner;
        if (flight.ended || peer.have.has(block)) {
            swarm.wasted += scenario.blockBytes();
            return;
        }
        flight.came++;
        peer.covered.add(block);
        peer.have.add(block);
        peer.stored++;
        swarm.meetings.tell(peer, block);
        for (int i = peer.flights.size() - 1; i >= 0; i--) {
            Flight other = peer.flights.get(i);
            if (other != flight && other.isSingle(block)) {
                stop(other);
            }
        }
        if (peer.stored == scenario.blocks()) {
            peer.finishedAt = events.now() / NANOS;
            swarm.missing -= peer.counts ? 1 : 0;
            close(peer);
            swarm.meetings.finished(peer);
        }
    }

    /** Leaves all neighbours; those that follow it are not touched. */
    void close(SimPeer peer) {
        List.copyOf(peer.flights).forEach(this::stop);
        for (int i = 0; i < peer.links.count(); i++) {
            peer.links.get(i).closed = true;
        }
        peer.links.clear();
        peer.bringer = null;
    }

    /** Breaks it off: the giver learns of it a message later. */
    void stop(Flight flight) {
        if (flight.ended) {
            return;
        }
        forget(flight);
        events.send(() -> swarm.giving.brokenOff(flight));
    }

    private static void forget(Flight flight) {
        SimLink link = flight.link;
        SimPeer peer = link.owner;
        flight.ended = true;
        peer.flights.remove(flight);
        if (flight.next) {
            link.nextRequests--;
            return;
        }
        link.requests--;
        link.overdue -= flight.overdue ? 1 : 0;
        peer.links.changed(link);
        if (!flight.overdue) {
            peer.numbered--;
            uncover(peer, flight);
        }
    }

    private static void uncover(SimPeer peer, Flight flight) {
        for (int block = flight.first; block < flight.first + flight.length; block++) {
            if (!peer.have.has(block) && !isAskedForElsewhere(peer, block)) {
                peer.covered.remove(block);
            }
        }
    }

    private static boolean isAskedForElsewhere(SimPeer peer, int block) {
        for (Flight other : peer.flights) {
            if (!other.overdue && other.covers(block)) {
                return true;
            }
        }
        return false;
    }
}
