@NullMarked
package dev.darter.scheduler.announce;

import org.jspecify.annotations.NullMarked;
