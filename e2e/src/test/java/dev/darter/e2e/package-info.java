/** The house rules, and real processes over real sockets. */
@NullMarked
package dev.darter.e2e;

import org.jspecify.annotations.NullMarked;
