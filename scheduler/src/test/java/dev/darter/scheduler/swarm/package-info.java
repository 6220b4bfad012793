@NullMarked
package dev.darter.scheduler.swarm;

import org.jspecify.annotations.NullMarked;
