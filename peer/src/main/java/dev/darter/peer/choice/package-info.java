/** Policy, pure: which piece next, and from whom. No I/O, no clock, no thread; the simulator runs the same classes. */
@NullMarked
package dev.darter.peer.choice;

import org.jspecify.annotations.NullMarked;
