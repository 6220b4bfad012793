/** Which scheduler a task belongs to, and which seed peer; bit for bit what the rest of the swarm computes. */
@NullMarked
package dev.darter.wire.ring;

import org.jspecify.annotations.NullMarked;
