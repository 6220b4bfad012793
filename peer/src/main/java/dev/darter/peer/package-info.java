/** The daemon: wiring of one peer or seed peer. */
@NullMarked
package dev.darter.peer;

import org.jspecify.annotations.NullMarked;
