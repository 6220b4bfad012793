package dev.darter.bench.sim;

import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Neighbourhood;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Who meets whom, as the scheduler says, and what neighbours tell each other. */
final class Meetings {
    private static final long REFRESH = 1_000_000_000;

    private final MeshRules rules;
    private final Events events;
    private final SimScheduler scheduler;
    private final SimSwarm swarm;
    private final RandomGenerator random;

    Meetings(Scenario scenario, Events events, SimScheduler scheduler, SimSwarm swarm, RandomGenerator random) {
        this.rules = scenario.rules();
        this.events = events;
        this.scheduler = scheduler;
        this.swarm = swarm;
        this.random = random;
    }

    /** The seed begins to read the origin, and those that are there already hear of it. */
    void wakeSeed(SimPeer seed, List<SimPeer> peers) {
        scheduler.add(seed);
        for (SimPeer peer : peers) {
            if (peer.joined && !peer.gone) {
                name(peer);
            }
        }
        tellOfSeed();
    }

    void register(SimPeer peer) {
        if (peer.gone) {
            return;
        }
        peer.joined = true;
        peer.begunAt = events.now();
        peer.neighbourhood = new Neighbourhood<>(rules, random, events.now());
        scheduler.add(peer);
        scheduler.waiting().forEach(this::name);
        refresh(peer);
        events.at(events.now() + Neighbourhood.MOMENT, () -> followMore(peer));
    }

    private void name(SimPeer peer) {
        List<SimPeer> named = scheduler.choose(peer, swarm.seedSide.isComplete());
        events.send(() -> named.forEach(other -> meet(peer, other)));
    }

    private void refresh(SimPeer peer) {
        if (peer.gone || peer.isComplete()) {
            return;
        }
        followMore(peer);
        if (!scheduler.isServed(peer)) {
            name(peer);
        }
        events.at(events.now() + REFRESH, () -> refresh(peer));
    }

    private void meet(SimPeer peer, SimPeer other) {
        if (isNew(peer, other)
                && (other.isSeed() || peer.neighbourhood.isWanted(other, peer.links.count(), events.now()))) {
            follow(peer, other, false);
        }
    }

    private void meetFollower(SimPeer peer, SimPeer other) {
        if (!isNew(peer, other)) {
            return;
        }
        switch (peer.neighbourhood.receive(other, peer.links.count())) {
            case FOLLOW -> follow(peer, other, true);
            case REPLACE -> {
                if (leaveAnIdleOne(peer)) {
                    follow(peer, other, true);
                }
            }
            case SERVE -> {}
        }
    }

    private static boolean isNew(SimPeer peer, SimPeer other) {
        return !peer.gone && !peer.isComplete() && peer != other && !peer.links.include(other);
    }

    private boolean leaveAnIdleOne(SimPeer peer) {
        var idle = new ArrayList<SimLink>();
        for (int i = 0; i < peer.links.count(); i++) {
            SimLink link = peer.links.get(i);
            if (link.called && link.isIdle()) {
                idle.add(link);
            }
        }
        if (idle.isEmpty()) {
            return false;
        }
        SimLink left = idle.get(random.nextInt(idle.size()));
        events.send(() -> left.neighbour.followers.remove(peer));
        leaveLink(left);
        return true;
    }

    /** What was named and not followed takes the places that are free. */
    private void followMore(SimPeer peer) {
        for (SimPeer spare : peer.neighbourhood.more(peer.links.count(), events.now())) {
            if (isNew(peer, spare)) {
                follow(peer, spare, false);
            }
        }
    }

    private void follow(SimPeer peer, SimPeer other, boolean called) {
        var link = new SimLink(peer, other, called);
        peer.links.add(link);
        events.send(() -> followed(link));
    }

    /** At the other side: it tells what it has, and follows back whoever is of its place. */
    private void followed(SimLink link) {
        SimPeer other = link.neighbour;
        if (other.gone) {
            events.send(() -> leaveLink(link));
            return;
        }
        other.followers.add(link.owner);
        boolean handsOut = other.isSeed() && swarm.seedSide.handsOut();
        events.send(() -> hear(link, handsOut));
        if (!other.isSeed() && other.joined && !link.isFar()) {
            meetFollower(other, link.owner);
        }
    }

    /** The first that a neighbour says. */
    private void hear(SimLink link, boolean handsOut) {
        if (link.closed) {
            return;
        }
        SimPeer peer = link.owner;
        link.heard = true;
        link.handsOut = handsOut;
        peer.links.changed(link);
        if (handsOut) {
            peer.bringer = link;
        }
        hear(peer, link.neighbour.told, handsOut);
    }

    private void hear(SimPeer peer, BlockSet news, boolean handsOut) {
        if (handsOut || (peer.numbered < rules.mostRequests() && news.exceeds(peer.covered))) {
            swarm.asking.startFetches(peer);
        }
    }

    /** What is new here is told at once when nothing was told for a while, else when that while is over. */
    void tell(SimPeer peer, int block) {
        peer.untold.add(block);
        if (!peer.newsDue) {
            peer.newsDue = true;
            long pause = rules.newsPause(peer.followers.size(), events.now() - peer.begunAt);
            events.at(peer.toldAt + pause, () -> tellAll(peer));
        }
    }

    private void tellAll(SimPeer peer) {
        peer.newsDue = false;
        peer.toldAt = events.now();
        if (peer.gone) {
            return;
        }
        BlockSet news = peer.untold.copy();
        peer.untold.clear();
        events.send(() -> {
            peer.told.addAll(news.words);
            // Who hears something may follow somebody new, but not this very moment.
            int there = 0;
            for (int i = 0; i < peer.followers.size(); i++) {
                SimPeer follower = peer.followers.get(i);
                if (!follower.isComplete() && !follower.gone) {
                    peer.followers.set(there++, follower);
                    hear(follower, news, false);
                }
            }
            peer.followers.subList(there, peer.followers.size()).clear();
        });
    }

    private void tellOfSeed() {
        SeedSide seedSide = swarm.seedSide;
        Optional<BlockSet> news = seedSide.news();
        news.ifPresent(blocks -> tellOfSeed(seedSide.seed(), blocks, seedSide.handsOut()));
        if (!seedSide.toldAll()) {
            events.at(events.now() + SeedSide.LOOK, this::tellOfSeed);
        }
    }

    private void tellOfSeed(SimPeer seed, BlockSet news, boolean handsOut) {
        events.send(() -> {
            seed.told.addAll(news.words);
            for (SimPeer follower : List.copyOf(seed.followers)) {
                SimLink link = follower.bringer;
                if (link != null && !link.closed) {
                    link.handsOut = handsOut;
                    follower.bringer = handsOut ? link : null;
                    hear(follower, news, handsOut);
                }
            }
        });
    }

    void finished(SimPeer peer) {
        events.send(() -> scheduler.finished(peer));
    }

    /** The peer goes for good, without a word. */
    void leave(SimPeer peer) {
        var followers = List.copyOf(peer.followers);
        peer.followers.clear();
        events.send(() -> followers.forEach(follower -> leave(follower, peer)));
        events.send(() -> scheduler.remove(peer));
    }

    private void leave(SimPeer follower, SimPeer gone) {
        for (int i = 0; i < follower.links.count(); i++) {
            if (follower.links.get(i).neighbour == gone) {
                leaveLink(follower.links.get(i));
                return;
            }
        }
    }

    void leaveLink(SimLink link) {
        if (link.closed) {
            return;
        }
        link.closed = true;
        SimPeer peer = link.owner;
        peer.links.remove(link);
        if (peer.bringer == link) {
            peer.bringer = null;
        }
        for (Flight flight : List.copyOf(peer.flights)) {
            if (flight.link == link) {
                swarm.asking.stop(flight);
            }
        }
        swarm.asking.startFetches(peer);
    }
}
