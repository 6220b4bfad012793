@NullMarked
package dev.darter.peer.storage;

import org.jspecify.annotations.NullMarked;
