/** A whole cluster on this machine. */
@NullMarked
package dev.darter.app.up;

import org.jspecify.annotations.NullMarked;
