/** Whom this host believes: signed digest lists, the keys behind them, and those who lied. Knows the vocabulary only. */
@NullMarked
package dev.darter.peer.trust;

import org.jspecify.annotations.NullMarked;
