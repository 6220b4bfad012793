/** One mapper per message: generated types on one side, core values on the other. */
@NullMarked
package dev.darter.wire.map;

import org.jspecify.annotations.NullMarked;
