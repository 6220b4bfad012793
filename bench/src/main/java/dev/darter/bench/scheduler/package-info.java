/** The scheduler alone, driven over gRPC as its peers drive it: what a registration costs, and what a swarm weighs. */
@NullMarked
package dev.darter.bench.scheduler;

import org.jspecify.annotations.NullMarked;
