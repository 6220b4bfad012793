@NullMarked
package dev.darter.scheduler;

import org.jspecify.annotations.NullMarked;
