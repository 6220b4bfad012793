/** The simulator: one swarm as discrete events, played by the daemon's and the scheduler's own policies. */
@NullMarked
package dev.darter.bench.sim;

import org.jspecify.annotations.NullMarked;
