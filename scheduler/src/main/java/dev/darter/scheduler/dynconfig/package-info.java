/** What the manager says of the cluster, with a copy on disk. */
@NullMarked
package dev.darter.scheduler.dynconfig;

import org.jspecify.annotations.NullMarked;
