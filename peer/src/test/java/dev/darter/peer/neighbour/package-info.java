@NullMarked
package dev.darter.peer.neighbour;

import org.jspecify.annotations.NullMarked;
