/** Policy, pure: whom a peer is to fetch from, or whether it goes to the source. No I/O, no clock, no stream. */
@NullMarked
package dev.darter.scheduler.scheduling;

import org.jspecify.annotations.NullMarked;
