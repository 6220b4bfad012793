package dev.darter.peer.task;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Neighbourhood;
import dev.darter.peer.trust.Bans;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The neighbours that one download follows, by {@link Neighbourhood}: what the scheduler names is trusted to be there and to be useful, who comes by
 * itself may be anybody. So a caller takes the place of another caller only, never of one who was named, whatever it says it is; and
 * nobody who has lied is followed. Used by the download's thread alone.
 */
final class MeshLinks implements AutoCloseable {
    private final PeerId me;
    private final Bans bans;
    private final Following following;
    private final Consumer<MeshLink> displaced;
    private final Neighbourhood<Host> neighbourhood;
    private final Map<NetAddress, MeshLink> links = new LinkedHashMap<>();

    private record Host(NetAddress address, String peer, boolean far) {}

    /** Begins to follow. */
    interface Following {
        /** Opens what {@code link} is to close. */
        void begin(MeshLink link);
    }

    /** @param displaced hears of those that were left for others */
    MeshLinks(MeshRules rules, PeerId me, Bans bans, Following following, Consumer<MeshLink> displaced) {
        this.me = me;
        this.bans = bans;
        this.following = following;
        this.displaced = displaced;
        this.neighbourhood = new Neighbourhood<>(rules, ThreadLocalRandom.current(), System.nanoTime());
    }

    /** Those that are followed now, in the order in which they came; changes with them. */
    Collection<MeshLink> all() {
        return links.values();
    }

    /** Whether it is followed still, and has not been taken up anew. */
    boolean include(MeshLink link) {
        return links.get(link.address()) == link;
    }

    /** The one at that address which is followed now; else the given one. */
    MeshLink current(MeshLink link) {
        return links.getOrDefault(link.address(), link);
    }

    /**
     * Somebody who has the task, as the scheduler says: followed if there is room.
     *
     * @param far whether it is at another place
     */
    void meet(NetAddress address, String peer, boolean far, long now) {
        var host = new Host(address, peer, far);
        if (isNew(host) && (PeerId.isSeed(peer) || neighbourhood.isWanted(host, links.size(), now))) {
            follow(host, true);
        }
    }

    /** Somebody of this place who follows us. */
    void meetFollower(NetAddress address, String peer) {
        var host = new Host(address, peer, false);
        if (!isNew(host)) {
            return;
        }
        switch (neighbourhood.receive(host, links.size())) {
            case FOLLOW -> follow(host, false);
            case REPLACE -> {
                if (leaveACaller()) {
                    follow(host, false);
                }
            }
            case SERVE -> {}
        }
    }

    /** Follows some who were named and not followed, where others went or it is time for more. */
    void followMore(long now) {
        neighbourhood.more(links.size(), now).stream().filter(this::isNew).forEach(host -> follow(host, true));
    }

    /** Begins with all of them from the beginning. */
    void followAnew() {
        var all = new ArrayList<>(links.values());
        close();
        all.forEach(link -> follow(new Host(link.address(), link.peer(), link.isFar()), link.wasNamed()));
    }

    /** @return whether it was followed */
    boolean leave(MeshLink link) {
        if (!links.remove(link.address(), link)) {
            return false;
        }
        link.close();
        return true;
    }

    private boolean isNew(Host host) {
        return !host.peer.equals(me.value()) && !links.containsKey(host.address) && !bans.contains(host.address);
    }

    /** @return whether there was one of whom nothing is being fetched */
    private boolean leaveACaller() {
        List<MeshLink> idle = links.values().stream()
                .filter(link -> !link.wasNamed() && link.isIdle())
                .toList();
        if (idle.isEmpty()) {
            return false;
        }
        MeshLink left = idle.get(ThreadLocalRandom.current().nextInt(idle.size()));
        leave(left);
        displaced.accept(left);
        return true;
    }

    private void follow(Host host, boolean named) {
        var link = new MeshLink(host.address, host.peer, named, host.far);
        links.put(host.address, link);
        following.begin(link);
    }

    @Override
    public void close() {
        links.values().forEach(MeshLink::close);
        links.clear();
    }
}
