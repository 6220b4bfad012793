@NullMarked
package dev.darter.peer.choice;

import org.jspecify.annotations.NullMarked;
