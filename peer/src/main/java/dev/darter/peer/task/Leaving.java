package dev.darter.peer.task;

import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.trust.Bans;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a mesh leaves neighbours: the useless, the silent, and those that lied, of whom the others hear. Used by the download's thread alone. */
final class Leaving {
    private static final Logger LOG = LoggerFactory.getLogger(Leaving.class);
    private static final int MOST_SHUNNED = 64;

    private final TaskContent content;
    private final Bans bans;
    private final MeshLinks links;
    private final Flights flights;
    private final DoubtfulPieces doubtful;
    private final Mesh.Listener listener;

    /** Peers of the task from whom nothing is taken. */
    private final Set<String> shunned = new LinkedHashSet<>();

    Leaving(
            TaskContent content,
            Bans bans,
            MeshLinks links,
            Flights flights,
            DoubtfulPieces doubtful,
            Mesh.Listener listener) {
        this.content = content;
        this.bans = bans;
        this.links = links;
        this.flights = flights;
        this.doubtful = doubtful;
        this.listener = listener;
    }

    /** Nothing is taken from that peer of the task, and neighbours are told: what they give only to it does not come here. */
    void shun(String peer) {
        if (shunned.size() < MOST_SHUNNED && shunned.add(peer)) {
            links.all().forEach(link -> link.shun(peer));
        }
    }

    /** As {@link #shun}, if nothing is taken from that address. */
    void shunIfBanned(NetAddress address, String peer) {
        if (bans.contains(address)) {
            shun(peer);
        }
    }

    /** Tells a new neighbour whom this download shuns. */
    void tell(MeshLink link) {
        shunned.forEach(link::shun);
    }

    /** It sent what it must know to be wrong: nothing is taken from it any more, for any task. */
    void lied(MeshLink link, String reason) {
        bans.add(link.address(), reason);
        LOG.atWarn()
                .addKeyValue("task", content.task())
                .addKeyValue("neighbour", link.peer())
                .addKeyValue("address", link.address())
                .addKeyValue("reason", reason)
                .log("a neighbour lied and is banned");
        shun(link.peer());
        // It may have been taken up anew since it sent that.
        leave(links.current(link), ErrorCode.CLIENT_PIECE_DOWNLOAD_FAIL, reason, true);
    }

    /** It is of no use any more. */
    void leave(MeshLink link, ErrorCode code, String reason) {
        leave(link, code, reason, false);
    }

    private void leave(MeshLink link, ErrorCode code, String reason, boolean lied) {
        if (!links.leave(link)) {
            return;
        }
        doubtful.left(link);
        LOG.atInfo()
                .addKeyValue("task", content.task())
                .addKeyValue("neighbour", link.peer())
                .addKeyValue("reason", reason)
                .log("neighbour left");
        flights.stopAllOf(link);
        listener.left(link, code, reason, lied);
    }

    /** Leaves those that gave nothing for so long that somebody has to go. */
    void leaveSilent() {
        List.copyOf(links.all()).forEach(link -> leave(link, ErrorCode.CLIENT_PIECE_REQUEST_FAIL, "no progress"));
    }
}
