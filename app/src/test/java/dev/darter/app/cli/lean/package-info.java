/** Tests of the small client, also against the big server. */
@NullMarked
package dev.darter.app.cli.lean;

import org.jspecify.annotations.NullMarked;
