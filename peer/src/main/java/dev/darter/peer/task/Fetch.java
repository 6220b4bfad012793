package dev.darter.peer.task;

import dev.darter.core.Piece;
import java.util.Optional;

/**
 * One piece on its way from a parent.
 *
 * @param link empty when the scheduler itself named the parent of the only piece
 * @param parent peer id under which the scheduler knows the parent
 * @param holder peer id to name to the parent
 * @param address where the parent hands out bytes, {@code ip:port}
 * @param beganAt Unix nanoseconds
 */
record Fetch(Optional<ParentLink> link, String parent, String holder, String address, Piece announced, long beganAt) {}
