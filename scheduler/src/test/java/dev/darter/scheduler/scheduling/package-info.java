@NullMarked
package dev.darter.scheduler.scheduling;

import org.jspecify.annotations.NullMarked;
