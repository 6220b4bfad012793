/** The scheduler: wiring of one scheduler process. */
@NullMarked
package dev.darter.scheduler;

import org.jspecify.annotations.NullMarked;
