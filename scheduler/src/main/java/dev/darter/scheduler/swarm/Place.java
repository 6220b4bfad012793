package dev.darter.scheduler.swarm;

import dev.darter.core.Location;
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

    static Place of(PeerHost host) {
        if (host.idc().isEmpty() && host.location().isEmpty()) {
            return NOWHERE;
        }
        String idc = host.idc().toLowerCase(Locale.ROOT);
        String whole = host.location().toLowerCase(Locale.ROOT);
        int last = whole.lastIndexOf('|');
        return new Place(
                idc, Location.elements(whole), !idc.isEmpty() ? idc : last < 0 ? whole : whole.substring(0, last));
    }

    /** Whether both name the same data centre. */
    public boolean isSameIdc(Place other) {
        return !idc.isEmpty() && idc.equals(other.idc);
    }

    /** How many leading elements both locations share: {@link Location#sharedDepth}. */
    public int sharedDepth(Place other) {
        return Location.sharedDepth(location, other.location);
    }

    /** Whether both say where they are, and it is not the same surroundings. */
    public boolean isElsewhere(Place other) {
        return !name.isEmpty() && !other.name.isEmpty() && !name.equals(other.name);
    }
}
