@NullMarked
package dev.darter.app;

import org.jspecify.annotations.NullMarked;
