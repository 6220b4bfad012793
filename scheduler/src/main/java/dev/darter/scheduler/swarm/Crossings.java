package dev.darter.scheduler.swarm;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How many peers of each place are fed from elsewhere. Guarded by the task's monitor. */
final class Crossings {
    private final Map<String, Integer> byPlace = new HashMap<>();

    /** How many others of the peer's place are. */
    int beside(Peer peer) {
        String place = peer.host().place().name();
        boolean itself = peer.crossedPlace().equals(Optional.of(place));
        return byPlace.getOrDefault(place, 0) - (itself ? 1 : 0);
    }

    /** The peer's parents are others now. */
    void changed(Peer child) {
        Place here = child.host().place();
        boolean now = false;
        for (Peer parent : child.parents()) {
            now |= parent.host().place().isElsewhere(here);
        }
        if (now == child.crossedPlace().isPresent()) {
            return;
        }
        // What is given back is what was taken, wherever the host says that it is by then.
        String place = child.crossedPlace().orElse(here.name());
        child.crosses(now ? Optional.of(place) : Optional.empty());
        byPlace.merge(place, now ? 1 : -1, (a, b) -> a + b == 0 ? null : a + b);
    }
}
