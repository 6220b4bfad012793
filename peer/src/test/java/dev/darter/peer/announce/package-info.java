@NullMarked
package dev.darter.peer.announce;

import org.jspecify.annotations.NullMarked;
