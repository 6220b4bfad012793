package dev.darter.peer.task;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Neighbourhood;
import dev.darter.peer.trust.Bans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The neighbours that one download follows, by {@link Neighbourhood}.
 *
 * <p><b>A small file needs one.</b> Every neighbour costs messages both ways: when eight peers wanted the same 10 KiB and each followed all others, that was
 * most of what a download cost. So a download begins with whoever most likely has the content, and with the others as soon as that one says that
 * there is more than a block of it, or is gone, or takes too long.
 *
 * <p><b>Whom to trust.</b> What the scheduler names is trusted to be there and to be useful, who comes by
 * itself may be anybody. So a caller takes the place of another caller only, never of one who was named, whatever it says it is; and
 * nobody who has lied is followed. Used by the download's thread alone.
 */
final class MeshLinks implements AutoCloseable {
    /** How long the first one has until it says something of the content, in nanoseconds. */
    static final long GLANCE = Duration.ofMillis(500).toNanos();

    /** How long it has for content that is one block; a host that is busy with many of these needs it. */
    static final long TIME_FOR_ONE_BLOCK = Duration.ofSeconds(2).toNanos();

    /** As many as a scheduler names three times. */
    private static final int MOST_HELD = 60;

    private final PeerId me;
    private final Bans bans;
    private final Following following;
    private final Consumer<MeshLink> displaced;
    private final Neighbourhood<Host> neighbourhood;
    private final Map<NetAddress, MeshLink> links = new LinkedHashMap<>();

    /** What is known of how much there is. */
    enum Extent {
        UNKNOWN,
        /** At most one block. */
        ONE_BLOCK,
        MORE
    }

    /** Whether more than the first one are followed. */
    private boolean spread;

    private Extent extent = Extent.UNKNOWN;

    private final long began = System.nanoTime();

    /** Those that came before that. */
    private final Set<Host> heldNamed = new LinkedHashSet<>();

    private final Set<Host> heldCallers = new LinkedHashSet<>();

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
     * @param first whether the scheduler named it before all others: whoever brings the content in, if anybody does
     */
    void meet(NetAddress address, String peer, boolean far, boolean first, long now) {
        var host = new Host(address, peer, far);
        if (!isNew(host)) {
            return;
        }
        if (!spread && !first && !PeerId.isSeed(peer) && !links.isEmpty()) {
            hold(host, heldNamed);
        } else if (!spread || PeerId.isSeed(peer) || neighbourhood.isWanted(host, links.size(), now)) {
            follow(host, true);
        }
    }

    /** Somebody of this place who follows us. */
    void meetFollower(NetAddress address, String peer) {
        var host = new Host(address, peer, false);
        if (!isNew(host)) {
            return;
        }
        if (!spread) {
            hold(host, heldCallers);
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

    private static void hold(Host host, Set<Host> held) {
        if (held.size() < MOST_HELD) {
            held.add(host);
        }
    }

    /**
     * Follows some who were named and not followed, where others went or it is time for more.
     */
    void followMore(Extent known, long now) {
        extent = known;
        boolean alone = links.isEmpty() && isAnybodyHeld();
        if (!spread && (alone || nanosLeft(now) <= 0)) {
            spread = true;
            heldNamed.forEach(host -> meet(host.address, host.peer, host.far, false, now));
            heldCallers.forEach(host -> meetFollower(host.address, host.peer));
            heldNamed.clear();
            heldCallers.clear();
        }
        neighbourhood.more(links.size(), now).stream().filter(this::isNew).forEach(host -> follow(host, true));
    }

    /** Nanoseconds until {@link #followMore} has more to do though nothing happens. */
    long nanosToMore(long now) {
        return isAnybodyHeld() ? Math.max(0, nanosLeft(now)) : Long.MAX_VALUE;
    }

    /** Of the time that the first one has. */
    private long nanosLeft(long now) {
        return switch (extent) {
            case UNKNOWN -> began + GLANCE - now;
            case ONE_BLOCK -> began + TIME_FOR_ONE_BLOCK - now;
            case MORE -> 0;
        };
    }

    /** Whether somebody is known who is not listened to yet, and may be the one who brings the content in. */
    boolean waitsWithOthers() {
        return !spread && isAnybodyHeld();
    }

    private boolean isAnybodyHeld() {
        return !heldNamed.isEmpty() || !heldCallers.isEmpty();
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
