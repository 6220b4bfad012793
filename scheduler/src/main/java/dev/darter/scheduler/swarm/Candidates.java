package dev.darter.scheduler.swarm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Those peers of one task that may feed others, found by where they are. Entering, leaving and drawing cost the same however many there
 * are: every list knows the position of each of its members, and a member that leaves is replaced by the last one. Guarded by the task's
 * monitor.
 *
 * <p>A draw at random from all would hardly ever find one of ten neighbours among ten thousand. So a part of each draw comes from those of
 * the same data centre, a part from those of the same location, and those that bring the content in (seed peers and peers at the source)
 * are always among it.
 */
final class Candidates {
    /** Of a draw, at most so many bring the content in. */
    private static final int SOURCES = 8;

    /** Shares of a draw, in parts of {@link #PARTS}. */
    private static final int SAME_IDC = 6;

    private static final int SAME_LOCATION = 3;
    private static final int PARTS = 16;

    private final Pool all = new Pool(0);
    private final Pool sources = new Pool(1);
    private final Map<String, Pool> byIdc = new HashMap<>();
    private final Map<List<String>, Pool> byLocation = new HashMap<>();

    /** Where a peer is listed, so that it leaves the same lists whatever its host says of itself by then. */
    static final class Listing {
        private final int[] positions = {-1, -1, -1, -1};
        private final String idc;
        private final List<String> location;

        private Listing(String idc, List<String> location) {
            this.idc = idc;
            this.location = location;
        }
    }

    /** Does nothing when it is there already. */
    void add(Peer peer) {
        if (peer.listing() != null) {
            return;
        }
        Place place = peer.host().place();
        var listing = new Listing(place.idc(), place.location());
        peer.listed(listing);
        all.add(peer, listing);
        if (!listing.idc.isEmpty()) {
            byIdc.computeIfAbsent(listing.idc, _ -> new Pool(2)).add(peer, listing);
        }
        if (!listing.location.isEmpty()) {
            byLocation.computeIfAbsent(listing.location, _ -> new Pool(3)).add(peer, listing);
        }
        changed(peer);
    }

    /** Its state is another one: it may bring the content in now, or no longer. */
    void changed(Peer peer) {
        Listing listing = peer.listing();
        if (listing == null) {
            return;
        }
        boolean source = peer.host().type().isSeed() || peer.state() == PeerState.BACK_TO_SOURCE;
        if (source && !sources.contains(listing)) {
            sources.add(peer, listing);
        } else if (!source && sources.contains(listing)) {
            sources.remove(listing);
        }
    }

    void remove(Peer peer) {
        Listing listing = peer.listing();
        if (listing == null) {
            return;
        }
        peer.listed(null);
        all.remove(listing);
        if (sources.contains(listing)) {
            sources.remove(listing);
        }
        remove(byIdc, listing.idc, listing);
        remove(byLocation, listing.location, listing);
    }

    private static <K> void remove(Map<K, Pool> pools, K key, Listing listing) {
        Pool pool = pools.get(key);
        if (pool != null) {
            pool.remove(listing);
            if (pool.isEmpty()) {
                pools.remove(key);
            }
        }
    }

    int size() {
        return all.size();
    }

    /** At most {@code limit} of them at random, those near {@code host} more often; no one twice. */
    List<Peer> draw(Host host, int limit, RandomGenerator random) {
        if (all.size() <= limit) {
            return List.copyOf(all.members);
        }
        var drawn = new LinkedHashSet<Peer>(limit * 2);
        sources.drawInto(drawn, Math.min(limit, SOURCES), random);
        Place place = host.place();
        drawFrom(byIdc.get(place.idc()), drawn, limit * SAME_IDC / PARTS, limit, random);
        drawFrom(byLocation.get(place.location()), drawn, limit * SAME_LOCATION / PARTS, limit, random);
        all.drawInto(drawn, limit, random);
        return List.copyOf(drawn);
    }

    private static void drawFrom(@Nullable Pool pool, Set<Peer> into, int share, int limit, RandomGenerator random) {
        if (pool != null) {
            pool.drawInto(into, Math.min(limit, into.size() + share), random);
        }
    }

    /** Some of those in the same data centre, or in the same location where that is not known. */
    Collection<Peer> near(Host host, int limit, RandomGenerator random) {
        Place place = host.place();
        Pool pool = place.idc().isEmpty() ? byLocation.get(place.location()) : byIdc.get(place.idc());
        var drawn = new LinkedHashSet<Peer>();
        drawFrom(pool, drawn, limit, limit, random);
        return drawn;
    }

    /** A list whose members know their positions. */
    private static final class Pool {
        /** Further draws that hit somebody who is drawn already, for each one wanted, before the draw is left incomplete. */
        private static final int TRIES = 4;

        private final int kind;
        private final ArrayList<Peer> members = new ArrayList<>(4);

        Pool(int kind) {
            this.kind = kind;
        }

        void add(Peer peer, Listing listing) {
            listing.positions[kind] = members.size();
            members.add(peer);
        }

        void remove(Listing listing) {
            int hole = listing.positions[kind];
            listing.positions[kind] = -1;
            Peer last = members.removeLast();
            if (hole < members.size()) {
                members.set(hole, last);
                Listing moved = last.listing();
                if (moved == null) {
                    throw new IllegalStateException("peer " + last.id() + ": listed without a listing");
                }
                moved.positions[kind] = hole;
            }
        }

        boolean contains(Listing listing) {
            return listing.positions[kind] >= 0;
        }

        boolean isEmpty() {
            return members.isEmpty();
        }

        int size() {
            return members.size();
        }

        /** Until {@code drawn} has {@code size} members, or all of this list. */
        void drawInto(Set<Peer> drawn, int size, RandomGenerator random) {
            int wanted = size - drawn.size();
            if (members.size() <= wanted) {
                drawn.addAll(members);
                return;
            }
            for (int tries = TRIES * wanted; tries > 0 && drawn.size() < size; tries--) {
                drawn.add(members.get(random.nextInt(members.size())));
            }
        }
    }
}
