/** The in-memory model: hosts, tasks, peers, their states, who has which piece, who feeds whom. */
@NullMarked
package dev.darter.scheduler.swarm;

import org.jspecify.annotations.NullMarked;
