/** Talking to an origin: one interface for every kind of source, and the HTTP(S) one. */
@NullMarked
package dev.darter.source;

import org.jspecify.annotations.NullMarked;
