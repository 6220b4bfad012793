/** Calling the other processes of the swarm in core's words. */
@NullMarked
package dev.darter.wire.client;

import org.jspecify.annotations.NullMarked;
