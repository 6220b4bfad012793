@NullMarked
package dev.darter.peer.task;

import org.jspecify.annotations.NullMarked;
