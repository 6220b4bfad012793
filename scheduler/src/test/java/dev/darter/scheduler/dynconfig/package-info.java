@NullMarked
package dev.darter.scheduler.dynconfig;

import org.jspecify.annotations.NullMarked;
