/**
 * The vocabulary that every part of Darter shares: what a task is and how its id is derived, how content is cut into
 * pieces and blocks, who hosts and peers are. JDK only, no I/O, no wire.
 */
@NullMarked
package dev.darter.core;

import org.jspecify.annotations.NullMarked;
