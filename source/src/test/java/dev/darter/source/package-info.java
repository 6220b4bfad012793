@NullMarked
package dev.darter.source;

import org.jspecify.annotations.NullMarked;
