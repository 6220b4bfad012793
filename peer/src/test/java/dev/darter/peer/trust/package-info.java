@NullMarked
package dev.darter.peer.trust;

import org.jspecify.annotations.NullMarked;
