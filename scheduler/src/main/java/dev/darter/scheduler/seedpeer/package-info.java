/** Asking seed peers to fetch, once a task. */
@NullMarked
package dev.darter.scheduler.seedpeer;

import org.jspecify.annotations.NullMarked;
