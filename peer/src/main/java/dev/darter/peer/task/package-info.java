/** Downloads: one per task however many ask, from start to end, from parents or the origin. */
@NullMarked
package dev.darter.peer.task;

import org.jspecify.annotations.NullMarked;
