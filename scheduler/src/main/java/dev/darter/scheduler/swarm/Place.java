package dev.darter.scheduler.swarm;

import dev.darter.core.PeerHost;
import java.util.List;
import java.util.Locale;

/**
 * Where a host says that it is, in lower case.
 *
 * @param idc label of the data centre; may be empty
 * @param location elements from wide to narrow; empty when the host says nothing
 * @param name of the surroundings within which bytes are cheap: the data centre, else the location without its last element; may be empty
 */
public record Place(String idc, List<String> location, String name) {
    private static final Place NOWHERE = new Place("", List.of(), "");

    /** Elements beyond these tell nothing apart. */
    private static final int DEPTH = 5;

    static Place of(PeerHost host) {
        if (host.idc().isEmpty() && host.location().isEmpty()) {
            return NOWHERE;
        }
        String idc = host.idc().toLowerCase(Locale.ROOT);
        String whole = host.location().toLowerCase(Locale.ROOT);
        List<String> location = whole.isEmpty() ? List.of() : List.of(whole.split("\\|", -1));
        int last = whole.lastIndexOf('|');
        return new Place(idc, location, !idc.isEmpty() ? idc : last < 0 ? whole : whole.substring(0, last));
    }

    /** Whether both name the same data centre. */
    public boolean isSameIdc(Place other) {
        return !idc.isEmpty() && idc.equals(other.idc);
    }

    /** How many leading elements both locations share, at most five; five when they are equal. */
    public int sharedDepth(Place other) {
        if (location.isEmpty() || other.location.isEmpty()) {
            return 0;
        }
        if (location.equals(other.location)) {
            return DEPTH;
        }
        int most = Math.min(DEPTH, Math.min(location.size(), other.location.size()));
        int depth = 0;
        while (depth < most && location.get(depth).equals(other.location.get(depth))) {
            depth++;
        }
        return depth;
    }

    /** Whether both say where they are, and it is not the same surroundings. */
    public boolean isElsewhere(Place other) {
        return !name.isEmpty() && !other.name.isEmpty() && !name.equals(other.name);
    }
}
