@NullMarked
package dev.darter.peer.scheduler;

import org.jspecify.annotations.NullMarked;
