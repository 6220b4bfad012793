/** Who we exchange blocks with: what they have, what they are told, what is given to whom first. */
@NullMarked
package dev.darter.peer.neighbour;

import org.jspecify.annotations.NullMarked;
