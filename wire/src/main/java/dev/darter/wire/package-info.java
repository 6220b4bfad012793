/** What crosses between processes; see the packages below. */
@NullMarked
package dev.darter.wire;

import org.jspecify.annotations.NullMarked;
