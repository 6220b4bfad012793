@NullMarked
package dev.darter.wire.map;

import org.jspecify.annotations.NullMarked;
