@NullMarked
package dev.darter.peer;

import org.jspecify.annotations.NullMarked;
