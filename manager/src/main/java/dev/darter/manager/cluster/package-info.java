/** Scheduler clusters, seed peer clusters, schedulers, seed peers, applications, and which cluster a caller belongs to. */
@NullMarked
package dev.darter.manager.cluster;

import org.jspecify.annotations.NullMarked;
