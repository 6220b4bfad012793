/** One service as a process: configuration, logs, signals. */
@NullMarked
package dev.darter.app.serve;

import org.jspecify.annotations.NullMarked;
