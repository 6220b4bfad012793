@NullMarked
package dev.darter.scheduler.seedpeer;

import org.jspecify.annotations.NullMarked;
