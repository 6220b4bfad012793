/** What happens when a host or peer announces something: record, choose, link, wake a seed peer. */
@NullMarked
package dev.darter.scheduler.announce;

import org.jspecify.annotations.NullMarked;
