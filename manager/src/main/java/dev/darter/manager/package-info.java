/** The manager: wiring of one manager process. */
@NullMarked
package dev.darter.manager;

import org.jspecify.annotations.NullMarked;
