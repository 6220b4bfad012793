/** Proof of speed: the lab and the simulator, started by {@code ./darter lab} and {@code ./darter sim}. */
@NullMarked
package dev.darter.bench;

import org.jspecify.annotations.NullMarked;
