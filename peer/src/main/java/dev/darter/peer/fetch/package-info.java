/** The I/O of a piece: from a parent or from the origin, verified, within the rates. */
@NullMarked
package dev.darter.peer.fetch;

import org.jspecify.annotations.NullMarked;
