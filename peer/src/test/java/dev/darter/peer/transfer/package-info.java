@NullMarked
package dev.darter.peer.transfer;

import org.jspecify.annotations.NullMarked;
