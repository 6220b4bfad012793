@NullMarked
package dev.darter.app.up;

import org.jspecify.annotations.NullMarked;
