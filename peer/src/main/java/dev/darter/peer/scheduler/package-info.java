/** Which schedulers there are, and the conversation with the one that a task belongs to. */
@NullMarked
package dev.darter.peer.scheduler;

import org.jspecify.annotations.NullMarked;
