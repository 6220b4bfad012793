package dev.darter.scheduler.swarm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/**
 * Who feeds whom in one task; used with the {@link Task}'s monitor held.
 *
 * <p>A peer of v2.1.28 may not feed one that feeds it, directly or through others, so its edges form a DAG; between two Darter peers there is no
 * such rule. An edge to a v2.1.28 child takes one of the parent host's upload slots, reserved before the edge exists; Darter children take none,
 * since their parents bound what they give.
 */
final class Edges {
    /** Peers that a walk over descendants may visit before the edge is refused: no event may cost more than that. */
    private static final int WALK_LIMIT = 1_000;

    private final Crossings crossings = new Crossings();

    /** How many others of the peer's place are fed from elsewhere. */
    int crossingsBeside(Peer peer) {
        return crossings.beside(peer);
    }

    /**
     * Whether {@code parent} may feed {@code child} without closing a circle of v2.1.28 peers, which would wait for each other for ever.
     * One of ours may be in a circle: it has neighbours and, in the end, the source. If it could not, then a single v2.1.28 peer that
     * feeds the mesh would have none of the mesh for a parent, and all v2.1.28 peers would have nobody but the seed peer.
     */
    static boolean mayLink(Peer parent, Peer child) {
        if (parent == child || parent.host().id().equals(child.host().id())) {
            return false;
        }
        return parent.host().isDarter() || child.host().isDarter() || !descends(parent, child);
    }

    /** Whether {@code peer} is fed by {@code ancestor} through v2.1.28 peers alone; a walk that grows too long counts as yes. */
    private static boolean descends(Peer peer, Peer ancestor) {
        var seen = new HashSet<Peer>();
        var next = new ArrayDeque<Peer>();
        next.add(ancestor);
        while (!next.isEmpty()) {
            for (Peer child : next.remove().children()) {
                if (child == peer || seen.size() > WALK_LIMIT) {
                    return true;
                }
                if (!child.host().isDarter() && seen.add(child)) {
                    next.add(child);
                }
            }
        }
        return false;
    }

    /**
     * Makes {@code chosen} the parents of {@code child}, instead of those it has, as far as links are legal and slots are free.
     *
     * @return the parents that it has now, in the order given
     */
    List<Peer> link(Peer child, Collection<Peer> chosen) {
        unlinkParents(child);
        var linked = new ArrayList<Peer>();
        for (Peer parent : chosen) {
            if (!mayLink(parent, child)) {
                continue;
            }
            if (!child.host().isDarter()) {
                if (!parent.host().reserveUpload()) {
                    continue;
                }
                child.addSlot(parent);
            }
            child.addParent(parent);
            parent.addChild(child);
            linked.add(parent);
        }
        crossings.changed(child);
        return linked;
    }

    /** Takes one parent from a child; whether it was one. */
    boolean unlink(Peer parent, Peer child) {
        if (!child.removeParent(parent)) {
            return false;
        }
        parent.removeChild(child);
        release(parent, child);
        crossings.changed(child);
        return true;
    }

    void unlinkParents(Peer child) {
        for (Peer parent : child.parents()) {
            parent.removeChild(child);
            release(parent, child);
        }
        child.clearParents();
        crossings.changed(child);
    }

    /** Takes all children from a parent; those that still run. */
    List<Peer> unlinkChildren(Peer parent) {
        var orphans = new ArrayList<Peer>();
        for (Peer child : parent.children()) {
            child.removeParent(parent);
            release(parent, child);
            crossings.changed(child);
            if (child.state() == PeerState.RUNNING) {
                orphans.add(child);
            }
        }
        parent.clearChildren();
        return orphans;
    }

    private static void release(Peer parent, Peer child) {
        if (child.removeSlot(parent)) {
            parent.host().releaseUpload();
        }
    }
}
